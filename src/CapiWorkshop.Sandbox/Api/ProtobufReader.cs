using CapiWorkshop.Sandbox.Failures;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>Walks the fields of one protobuf message.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The next field that has a length (a text, bytes or a message); numbers are stepped over.</summary>
    public bool Next(out int number, out ReadOnlySpan<byte> value)
    {
        while (_rest.Length > 0)
        {
            ulong tag = ReadNumber();
            number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    ReadNumber();
                    break;
                case 1:
                    Take(8);
                    break;
                case 2:
                    value = Take(ReadNumber());
                    return true;
                case 5:
                    Take(4);
                    break;
                default:
                    throw Malformed();
            }
        }

        number = 0;
        value = default;
        return false;
    }

    private ulong ReadNumber()
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(1)[0];
            number |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return number;
        }

        throw Malformed();
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
            throw Malformed();
        ReadOnlySpan<byte> taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private static ApiFailure Malformed() => ApiFailure.BadRequest("the protobuf message of the request is malformed");
}
