using System.Text;
using System.Text.Json;
using CapiWorkshop.Operations.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

public sealed class Utf8StringPoolTests
{
    [Fact]
    public void Any_string_comes_out_as_it_is_whatever_went_through_the_pool_before()
    {
        Utf8StringPool pool = new();

        Prop.ForAll(JsonGenerators.Strings.ToArbitrary(), json =>
        {
            Utf8JsonReader reader = At(Encoding.UTF8.GetBytes(json));
            string first = pool.Get(ref reader);
            string again = pool.Get(ref reader);
            return first == reader.GetString() && again == first;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithQuietOnSuccess(true));
    }

    [Fact]
    public void Equal_strings_become_one()
    {
        Utf8StringPool pool = new();

        string first = Get(pool, "\"cluster.x-k8s.io/cluster-name\""u8);
        string second = Get(pool, "\"cluster.x-k8s.io/cluster-name\""u8);

        second.ShouldBeSameAs(first);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(5000)]
    public void Long_strings_come_out_whole(int length)
    {
        string text = new('x', length);

        Get(new(), Encoding.UTF8.GetBytes($"\"{text}\"")).ShouldBe(text);
    }

    /// <summary>
    /// Two different strings that fall on the same place, and one of which, character for character, looks like the other's bytes: 'é' is C3 A9, and "Ã©" are
    /// the characters C3 and A9.
    /// </summary>
    [Fact]
    public void A_string_is_not_taken_for_another_whose_characters_look_like_its_bytes()
    {
        List<string> mistaken = [];
        Utf8StringPool pool = new();
        for (char first = '\u00A0'; first <= '\u00FF'; first++)
        {
            for (char second = '\u00A0'; second <= '\u07FF'; second++)
            {
                string text = $"{first}{second}";
                string lookalike = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
                Get(pool, Encoding.UTF8.GetBytes($"\"{lookalike}\""));
                if (Get(pool, Encoding.UTF8.GetBytes($"\"{text}\"")) is var got && got != text)
                {
                    mistaken.Add($"{text} came out as {got}");
                }
            }
        }

        mistaken.Take(5).ShouldBeEmpty();
    }

    private static string Get(Utf8StringPool pool, ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = At(json);
        return pool.Get(ref reader);
    }

    private static Utf8JsonReader At(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        reader.Read();
        return reader;
    }
}
