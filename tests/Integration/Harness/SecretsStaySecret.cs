using System.Runtime.ExceptionServices;
using CapiWorkshop.Operations;

[assembly: AssemblyFixture(typeof(CapiWorkshop.Tests.Integration.Harness.SecretsStaySecret))]

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>Sees every exception that is thrown in the whole run, caught or not, and fails the run where one, or a line that an observer was told, holds a secret.</summary>
public sealed class SecretsStaySecret : IDisposable
{
    public SecretsStaySecret() => AppDomain.CurrentDomain.FirstChanceException += OnException;

    public void Dispose()
    {
        AppDomain.CurrentDomain.FirstChanceException -= OnException;
        Secrets.Leaks.ShouldBeEmpty();
    }

    private static void OnException(object? sender, FirstChanceExceptionEventArgs e)
    {
        Secrets.Inspect(e.Exception.ToString());
        if (e.Exception is CapiProblemException problem)
        {
            Secrets.Inspect(problem.Problem);
        }
    }
}
