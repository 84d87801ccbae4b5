using System.Runtime.CompilerServices;

namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>
/// Looks for the end of a JSON object that is still arriving, by its braces alone, and goes on where it stopped when more is there. What stands between
/// them may be no JSON: whoever reads the object finds that out.
/// </summary>
internal struct ObjectEnd
{
    private int _position, _depth;
    private bool _inString;

    /// <summary>The object's length in bytes; null while its end has not arrived.</summary>
    /// <param name="bytes">All that is there from the object's first brace on: what was given before, and maybe more.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: most sessions read one long list, and it would be over before the runtime saw a hot loop
    public int? Find(ReadOnlySpan<byte> bytes)
    {
        while (_position < bytes.Length)
        {
            ReadOnlySpan<byte> rest = bytes[_position..];
            int next = _inString ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny((byte)'"', (byte)'{', (byte)'}');
            if (next < 0)
            {
                _position = bytes.Length;
                return null;
            }

            _position += next + 1;
            switch (rest[next])
            {
                case (byte)'\\':
                    _position++; // whatever it escapes; that may not have arrived yet
                    break;
                case (byte)'"':
                    _inString = !_inString;
                    break;
                case (byte)'{':
                    _depth++;
                    break;
                default:
                    if (--_depth == 0)
                    {
                        return _position;
                    }

                    break;
            }
        }

        return null;
    }
}
