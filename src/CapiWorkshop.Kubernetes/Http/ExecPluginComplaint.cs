using System.Text;
using System.Text.RegularExpressions;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// What an exec plugin writes to standard error, for people: told line by line while it comes, and quoted by its last lines where the plugin fails. A plugin that
/// talks about its work may say a secret: what looks like one is never told.
/// </summary>
/// <param name="name">The plugin's name.</param>
/// <param name="clock">The clock of its pauses.</param>
/// <param name="observer">Hears the lines; null for nobody.</param>
internal sealed partial class ExecPluginComplaint(string name, TimeProvider clock, IApiObserver? observer)
{
    /// <summary>How long what stands behind the last line end may grow before it is told: a question has no line end.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private const int LongestLine = 2048;

    private const int MostTold = 20;

    private const int MostQuoted = 5;

    private readonly StringBuilder _line = new();
    private readonly List<string> _last = [];
    private string _open = "";
    private int _told;

    /// <summary>Follows it to its end, or until nobody listens any more.</summary>
    public async Task FollowAsync(StreamReader error, CancellationToken stop)
    {
        char[] buffer = new char[1024];
        while (true)
        {
            Task<int> read = error.ReadAsync(buffer, 0, buffer.Length);
            if (_line.Length > 0 && await Task.WhenAny(read, Task.Delay(Pause, clock, stop)).ConfigureAwait(false) != read && !stop.IsCancellationRequested)
            {
                Tell();
            }

            int count = await read.ConfigureAwait(false);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            foreach (char c in buffer.AsSpan(0, count))
            {
                if (c is '\n' or '\r')
                {
                    EndLine();
                }
                else if (_line.Length < LongestLine)
                {
                    _line.Append(c); // the rest of a longer line is dropped: a piece of a secret does not look like one
                }
            }

            if (count == 0)
            {
                EndLine();
                return;
            }
        }
    }

    /// <summary>The last lines, each once, as the end of a sentence; empty where there are none.</summary>
    public string Quote()
    {
        lock (_last)
        {
            string[] lines = [.. _last.Append(_open).Where(line => line.Length > 0).Distinct().TakeLast(MostQuoted)];
            return lines.Length == 0 ? "" : ": " + string.Join(' ', lines).TrimEnd('.');
        }
    }

    /// <summary>A text on one line, without colours and other orders to a terminal.</summary>
    public static string Clean(string text) => Blanks().Replace(Orders().Replace(text, ""), " ").Trim();

    private void EndLine()
    {
        Tell();
        lock (_last)
        {
            if (_open.Length > 0)
            {
                _last.Remove(_open);
                _last.Add(_open);
                _last.RemoveRange(0, Math.Max(0, _last.Count - MostQuoted));
            }

            _open = "";
        }

        _line.Clear();
    }

    /// <summary>Tells what is new of the line. Its beginning may have been told, and may look like a secret only now.</summary>
    private void Tell()
    {
        string text = ConfidentialText.Hide(Clean(_line.ToString()));
        string news = text.StartsWith(_open, StringComparison.Ordinal) ? text[_open.Length..].Trim() : text;
        lock (_last)
        {
            _open = text;
        }

        if (news.Length > 0 && _told <= MostTold)
        {
            observer?.Warning(_told == MostTold ? $"{name} says more, which is not shown." : $"{name}: {news}");
            _told++;
        }
    }

    [GeneratedRegex(@"\x1B(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1B]*(\x07|\x1B\\)?)")]
    private static partial Regex Orders();

    [GeneratedRegex(@"[\p{C}\s]+")]
    private static partial Regex Blanks();
}
