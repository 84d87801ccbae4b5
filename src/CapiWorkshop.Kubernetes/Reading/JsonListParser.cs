using System.Text.Json;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>
/// Reads a Kubernetes list while it is still arriving: each item is handed on as soon as its last byte is there, and its bytes are forgotten. Holds no more
/// than one item and one read of the network.
/// </summary>
internal sealed class JsonListParser<T> : IDisposable
{
    private readonly JsonItemReader<T> _read;
    private readonly ReceiveBuffer _buffer = new(64 * 1024);
    private JsonReaderState _state;
    private Place _place = Place.BeforeRoot;
    private ObjectEnd _end;
    private bool _hasItems;

    public JsonListParser(JsonItemReader<T> read) => _read = read;

    private enum Place
    {
        BeforeRoot,
        Root,
        Items,
        Behind,
    }

    public enum Step
    {
        /// <summary>Bytes are needed: call <see cref="FillAsync"/>.</summary>
        More,

        /// <summary>An item was read.</summary>
        Item,

        /// <summary>The list has been read to its end; what follows is left unread.</summary>
        End,
    }

    /// <summary>The list's resourceVersion, which may stand behind the items: known for certain at <see cref="Step.End"/>.</summary>
    public string? ResourceVersion { get; private set; }

    /// <summary>Where the next page begins, in the server's words; null where there is none. Known at <see cref="Step.End"/>.</summary>
    public string? Continue { get; private set; }

    /// <summary>Bytes read so far.</summary>
    public long Bytes => _buffer.Received;

    /// <summary>Reads from the network; false where it has ended.</summary>
    public ValueTask<bool> FillAsync(Stream stream, CancellationToken cancellationToken) => _buffer.FillAsync(stream, cancellationToken);

    /// <summary>The next item, if all of it is there.</summary>
    public Step Next(out T? item)
    {
        item = default;
        Utf8JsonReader reader = new(_buffer.Unread.Span, isFinalBlock: false, _state);
        while (true)
        {
            if (_place == Place.Behind)
            {
                _buffer.Take(_buffer.Unread.Length);
                return Step.End;
            }

            // Nothing is taken from the buffer before all of it is there: each round starts here again.
            Utf8JsonReader before = reader;
            if (!reader.Read())
            {
                return Wait(before);
            }

            switch (_place)
            {
                case Place.BeforeRoot:
                    Expect(reader.TokenType == JsonTokenType.StartObject);
                    _place = Place.Root;
                    break;
                case Place.Items when reader.TokenType == JsonTokenType.EndArray:
                    _place = Place.Root;
                    break;
                case Place.Items:
                    Expect(reader.TokenType == JsonTokenType.StartObject);
                    int start = (int)reader.TokenStartIndex;
                    ReadOnlySpan<byte> bytes = _buffer.Unread.Span[start..];
                    if (_end.Find(bytes) is not int length)
                    {
                        return Wait(before);
                    }

                    // The list's reader goes from the item's first brace to its last; what is between, only the item's reader reads, once.
                    _end = default;
                    reader = new(bytes[(length - 1)..length], isFinalBlock: false, reader.CurrentState);
                    reader.Read();
                    Utf8JsonReader whole = new(bytes[..length]);
                    whole.Read();
                    item = _read(ref whole);
                    _buffer.Take(start + length);
                    _state = reader.CurrentState;
                    return Step.Item;
                case Place.Root when reader.TokenType == JsonTokenType.EndObject:
                    Expect(_hasItems); // another object, such as a gateway's, is no empty list: a watch would take everything for deleted
                    _place = Place.Behind;
                    break;
                default:
                    if (!TryReadMember(ref reader))
                    {
                        return Wait(before);
                    }

                    break;
            }

            Commit(reader);
            reader = new(_buffer.Unread.Span, isFinalBlock: false, _state);
        }
    }

    public void Dispose() => _buffer.Dispose();

    private static void Expect(bool condition)
    {
        if (!condition)
        {
            throw new JsonException("The answer is not a list of objects.");
        }
    }

    private Step Wait(in Utf8JsonReader before)
    {
        Commit(before);
        return Step.More;
    }

    private void Commit(in Utf8JsonReader reader)
    {
        _buffer.Take((int)reader.BytesConsumed);
        _state = reader.CurrentState;
    }

    /// <summary>One member of the list itself; the reader stands on its name.</summary>
    private bool TryReadMember(ref Utf8JsonReader reader)
    {
        bool items = reader.ValueTextEquals("items"u8);
        bool metadata = reader.ValueTextEquals("metadata"u8);
        if (!reader.Read())
        {
            return false;
        }

        _hasItems |= items && reader.TokenType is (JsonTokenType.StartArray or JsonTokenType.Null);
        if (items && reader.TokenType == JsonTokenType.StartArray)
        {
            _place = Place.Items;
            return true;
        }

        Utf8JsonReader value = reader;
        if (!reader.TrySkip())
        {
            return false;
        }

        if (metadata && value.TokenType == JsonTokenType.StartObject)
        {
            while (value.Read() && value.TokenType == JsonTokenType.PropertyName)
            {
                bool version = value.ValueTextEquals("resourceVersion"u8);
                bool next = value.ValueTextEquals("continue"u8);
                value.Read();
                if (version && value.TokenType == JsonTokenType.String)
                {
                    ResourceVersion = Utf8StringPool.Decode(ref value);
                }
                else if (next && value.TokenType == JsonTokenType.String && value.GetString() is { Length: > 0 } token)
                {
                    Continue = token;
                }

                value.TrySkip(); // all of it is there: TrySkip above said so
            }
        }

        return true;
    }
}
