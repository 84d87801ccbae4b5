using System.Text;

namespace CapiWorkshop.Build;

/// <summary>A cmdlet's syntax as Get-Command -Syntax prints it, one entry a parameter set.</summary>
internal static class SyntaxLines
{
    private const int Width = 100;

    public static string Of(Cmdlet cmdlet) => string.Join("\n\n", cmdlet.Sets.Select(set => Wrap(Words(cmdlet, set))));

    private static IEnumerable<string> Words(Cmdlet cmdlet, string set) =>
        [cmdlet.Name, .. cmdlet.ParametersOf(set).Select(entry => Word(entry.Parameter, entry.Binding)), "[<CommonParameters>]"];

    private static string Word(Parameter parameter, Binding binding)
    {
        string name = binding.Position is null ? $"-{parameter.Name}" : $"[-{parameter.Name}]";
        string word = parameter.IsSwitch ? name : $"{name} <{parameter.TypeName}>";
        return binding.Mandatory ? word : $"[{word}]";
    }

    private static string Wrap(IEnumerable<string> words)
    {
        StringBuilder text = new();
        int column = 0;
        foreach (string word in words)
        {
            if (column > 0 && column + 1 + word.Length > Width)
            {
                text.Append("\n   ");
                column = 3;
            }

            text.Append(column > 0 ? " " : string.Empty).Append(word);
            column += word.Length + 1;
        }

        return text.ToString();
    }
}
