using System.Globalization;
using System.Text;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Resilience;

/// <summary>What holds of a list and of a watch wherever they are cut off.</summary>
public sealed class CutPropertyTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);

    private static Gen<Thing> AnyThing =>
        from name in Gen.Elements("a", "b", "c", "d\"}]", "\u00e4\u6f22\\")
        from color in Gen.Elements(null, "red", "}", "[{\"", "\\u00e4", "\ud83d\ude00")
        from version in Gen.Choose(1, 999)
        select Thing.Of(name, version, color);

    [Fact]
    public void A_list_that_is_cut_at_any_byte_never_ends()
    {
        var cases = from things in AnyThing.ListOf() from place in Gen.Choose(0, int.MaxValue - 1) from read in Gen.Choose(1, 100) select (things, place, read);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            byte[] whole = Encoding.UTF8.GetBytes(Thing.ListOf("7", c.things));
            byte[] cut = whole[..(c.place % whole.Length)];
            (List<Thing> before, bool ended) = Read(cut, c.read);
            (List<Thing> all, bool complete) = Read(whole, c.read);
            return !ended && complete && all.SequenceEqual(c.things) && before.SequenceEqual(c.things.Take(before.Count));
        }).Check(Thorough);
    }

    [Fact]
    public async Task A_watch_that_is_cut_at_any_byte_tells_each_change_once()
    {
        string[] lines = [Thing.Line("ADDED", Thing.Of("a", 1, "}")), Thing.Line("ADDED", Thing.Of("b", 2)), Thing.Line("MODIFIED", Thing.Of("a", 3, "{")), Thing.Line("DELETED", Thing.Of("b", 4)), Thing.Bookmark(5)];
        int? cut = null;
        await using ScriptedServer server = await ScriptedServer.StartAsync(async exchange =>
        {
            if (!exchange.IsWatch)
            {
                await exchange.JsonAsync(Thing.ListOf("0"));
                return;
            }

            string left = string.Concat(lines[int.Parse(exchange.Query("resourceVersion")!, CultureInfo.InvariantCulture)..]);
            (int? place, cut) = (cut, null);
            await exchange.SendAsync(left[..(place ?? left.Length)]);
            if (place % 2 == 0)
            {
                exchange.Cut();
            }
            else if (place is not null)
            {
                exchange.End(); // in good order, as a proxy does
            }
        });
        using KubernetesApi api = server.Connect(clock: new HastyClock());

        for (int place = 0; place < string.Concat(lines).Length; place++)
        {
            cut = place;
            await using Watching watching = Watching.Start(api);
            (await watching.NextAsync(5)).ShouldBe(["Synced", "Added a@1", "Added b@2", "Modified a@3", "Deleted b@4"], $"cut at {place}");
            watching.Left().ShouldBeEmpty($"cut at {place}");
        }
    }

    private static (List<Thing> Things, bool Ended) Read(byte[] document, int read)
    {
        using JsonListParser<Thing> parser = new(Thing.Read);
        using ChunkedStream stream = new(document, read);
        List<Thing> things = [];
        while (true)
        {
            switch (parser.Next(out Thing? thing))
            {
                case JsonListParser<Thing>.Step.Item:
                    things.Add(thing!);
                    break;
                case JsonListParser<Thing>.Step.End:
                    return (things, true);
                default:
                    if (!parser.FillAsync(stream, CancellationToken.None).AsTask().Result)
                    {
                        return (things, false);
                    }

                    break;
            }
        }
    }
}
