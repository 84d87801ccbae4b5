using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "Environment";
}

/// <summary>What depends on variables of the process, which all tests share: these run alone, and put back what they changed.</summary>
[Collection(RunsAlone.Name)]
public sealed class KubeConfigEnvironmentTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string? _kubeconfig = Environment.GetEnvironmentVariable("KUBECONFIG");
    private readonly string? _home = Environment.GetEnvironmentVariable("HOME");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("KUBECONFIG", _kubeconfig);
        Environment.SetEnvironmentVariable("HOME", _home);
        _folder.Dispose();
    }

    [Fact]
    public void A_named_file_wins_over_the_variable()
    {
        string named = _folder.Write("named", "");
        Environment.SetEnvironmentVariable("KUBECONFIG", _folder.Write("of-the-variable", ""));

        KubeConfig.FindFiles(named).ShouldBe([named]);
    }

    [Fact]
    public void The_variables_files_are_found_in_their_order_and_missing_ones_passed_over()
    {
        string first = _folder.Write("first", "current-context: one");
        string second = _folder.Write("second", "current-context: two");
        Set(second, _folder.PathOf("missing"), first, "", second);

        KubeConfig.FindFiles(null).ShouldBe([second, first]);
        KubeConfig.FindFiles("").ShouldBe([second, first]);
        KubeConfig.Read(KubeConfig.FindFiles(null)).CurrentContext.ShouldBe("two");
    }

    [Fact]
    public void Where_none_of_the_variables_files_exists_the_problem_shows_the_variable()
    {
        string missing = _folder.PathOf("missing");
        Set(missing, missing + "2");

        CapiProblem problem = Problems.Of(() => KubeConfig.FindFiles(null));

        problem.Id.ShouldBe(ProblemId.KubeConfigNotFound);
        problem.Message.ShouldContain("KUBECONFIG");
        problem.Message.ShouldContain(missing + "2");
        problem.Action.ShouldContain("-KubeConfig");
    }

    [Fact]
    public void A_variable_of_separators_only_names_no_file()
    {
        Set("", "", "");

        Problems.Of(() => KubeConfig.FindFiles(null)).Id.ShouldBe(ProblemId.KubeConfigNotFound);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_the_variable_it_is_the_file_in_the_home_folder(string? variable)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' home folder cannot be moved for a test.");
        Environment.SetEnvironmentVariable("KUBECONFIG", variable);
        Environment.SetEnvironmentVariable("HOME", _folder.Path);

        CapiProblem problem = Problems.Of(() => KubeConfig.FindFiles(null));
        string file = _folder.Write(Path.Combine(".kube", "config"), "");

        problem.Id.ShouldBe(ProblemId.KubeConfigNotFound);
        problem.Message.ShouldContain(file);
        KubeConfig.FindFiles(null).ShouldBe([file]);
    }

    private static void Set(params string[] files) => Environment.SetEnvironmentVariable("KUBECONFIG", string.Join(Path.PathSeparator, files));
}
