using System.Text;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class JsonLineReaderTests
{
    private static readonly Gen<string> Line = Gen.Elements("", "a", "{}", "grün ✓ 😀", new string('x', 100), new string('y', 20_000), new string('z', 70_000));

    [Fact]
    public void Lines_are_the_same_however_they_arrive() =>
        Prop.ForAll(
            (from lines in Line.ListOf()
             from rest in Line
             from chunks in Gen.OneOf(Gen.Choose(1, 10), Gen.Choose(1, 40_000)).NonEmptyListOf()
             select (Lines: lines.ToArray(), Tail: rest, Chunks: chunks.Append(5_000).ToArray())).ToArbitrary(),
            sample =>
            {
                byte[] content = Encoding.UTF8.GetBytes(string.Concat(sample.Lines.Select(line => line + "\n")) + sample.Tail);
                (List<string> lines, long bytes) = ReadAll(content, sample.Chunks);
                return lines.SequenceEqual(sample.Lines) && bytes == content.Length;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_last_line_without_an_end_was_cut_off_and_is_dropped() => ReadAll("one\ntwo\nthr"u8.ToArray()).Lines.ShouldBe(["one", "two"]);

    [Fact]
    public void A_stream_without_a_byte_has_no_line()
    {
        (List<string> lines, long bytes) = ReadAll([]);

        lines.ShouldBeEmpty();
        bytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_line_is_handed_on_before_the_next_arrives()
    {
        using JsonLineReader reader = new();
        using ChunkedStream stream = new("one\ntwo\n"u8.ToArray(), 4);

        ReadOnlyMemory<byte>? line = await reader.NextAsync(stream, TestContext.Current.CancellationToken);

        Encoding.UTF8.GetString(line!.Value.Span).ShouldBe("one");
        reader.Bytes.ShouldBe(4);
    }

    private static (List<string> Lines, long Bytes) ReadAll(byte[] content, params int[] chunks)
    {
        using JsonLineReader reader = new();
        using ChunkedStream stream = new(content, chunks);
        List<string> lines = [];
        while (reader.NextAsync(stream, TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult() is ReadOnlyMemory<byte> line)
        {
            lines.Add(Encoding.UTF8.GetString(line.Span));
        }

        return (lines, reader.Bytes);
    }
}
