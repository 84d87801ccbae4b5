using System.Globalization;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Tests.Unit.Operations.Removal;

public sealed class LabelEditingTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app=other", false)]
    [InlineData("app=", false)]
    [InlineData("empty=", true)]
    [InlineData("app in (other,web)", true)]
    [InlineData("app in (other)", false)]
    [InlineData("absent in (web)", false)]
    [InlineData("app notin (web,x)", false)]
    [InlineData("absent notin (web)", true)]
    [InlineData("!app", false)]
    [InlineData("!absent", true)]
    [InlineData("tier", true)]
    [InlineData("absent", false)]
    [InlineData("app=web,tier in (a,b),!absent", true)]
    [InlineData("app=web,tier in (b,c)", false)]
    public void A_selector_selects_as_Kubernetes_says(string selector, bool expected) =>
        new LabelSelector(selector).Matches(new Dictionary<string, string> { ["app"] = "web", ["tier"] = "a", ["empty"] = "" }).ShouldBe(expected);

    [Fact]
    public void The_label_goes_that_the_fewest_others_want()
    {
        ClusterSelecting shared = Of("shared", "env=demo,tier=a"), other = Of("other", "env=demo");

        CapiLabelEdit edit = LabelEditing.Find(new Dictionary<string, string> { ["env"] = "demo", ["tier"] = "a" }, [shared], [shared, other], out ClusterSelecting? stuck).ShouldHaveSingleItem();

        stuck.ShouldBeNull();
        (edit.Key, edit.Before).ShouldBe(("tier", "a"));
        edit.Unselects.ShouldHaveSingleItem().ToString().ShouldBe("HelmChartProxy shared (env=demo,tier=a)");
    }

    [Theory]
    [InlineData("", "everything is selected")]
    [InlineData("env notin (prod)", "a label less selects all the more")]
    [InlineData("!absent", "a label less selects all the more")]
    [InlineData("topology.cluster.x-k8s.io/owned", "controllers put it on again")]
    [InlineData("tier=a", "the other one would be installed instead")]
    public void Where_no_edit_helps_it_says_so(string selector, string because)
    {
        ClusterSelecting shared = Of("shared", selector), instead = Of("instead", "env=demo,!tier");
        Dictionary<string, string> labels = new() { ["env"] = "demo", ["tier"] = "a", ["topology.cluster.x-k8s.io/owned"] = "" };

        LabelEditing.Find(labels, [shared], [shared, instead], out ClusterSelecting? stuck).ShouldBeEmpty(because);

        stuck.ShouldBe(shared, because);
    }

    /// <summary>Whatever selectors and labels there are.</summary>
    [Fact]
    public void Afterwards_the_Cluster_is_unselected_and_nothing_else_changed_but_what_is_told()
    {
        Random random = new(20261122);
        int edited = 0, refused = 0;
        for (int round = 0; round < 5000; round++)
        {
            Dictionary<string, string> labels = Labels(random);
            ClusterSelecting[] all = [.. Enumerable.Range(0, random.Next(1, 6)).Select(i => Of(i.ToString(CultureInfo.InvariantCulture), Selector(random)))];
            ClusterSelecting[] shared = [.. all.Where(one => one.Matches(labels) && random.Next(2) == 0)];

            IReadOnlyList<CapiLabelEdit> edits = LabelEditing.Find(labels, shared, all, out ClusterSelecting? stuck);

            Dictionary<string, string> after = new(labels);
            foreach (CapiLabelEdit edit in edits)
            {
                labels[edit.Key].ShouldBe(edit.Before);
                after.Remove(edit.Key).ShouldBeTrue("each label comes off once");
            }

            string[] changed = [.. all.Where(one => one.Matches(labels) != one.Matches(after)).Select(one => one.Name)];
            string story = $"{string.Join(' ', labels)} | {string.Join(" ; ", all.Select(one => one.Text))}";
            edits.SelectMany(edit => edit.Unselects).Select(change => change.Name).Order(StringComparer.Ordinal).SequenceEqual(changed).ShouldBeTrue(story);
            if (stuck is null)
            {
                shared.ShouldAllBe(one => !one.Matches(after), story);
                all.ShouldAllBe(one => one.Matches(labels) || !one.Matches(after), story);
                edited += edits.Count > 0 ? 1 : 0;
            }
            else
            {
                edits.ShouldBeEmpty(story);
                shared.ShouldContain(stuck, story);
                refused++;
            }
        }

        (edited > 500, refused > 500).ShouldBe((true, true), "the rounds are about something");
    }

    private static ClusterSelecting Of(string name, string selector) => new("HelmChartProxy", name, "default", selector);

    private static Dictionary<string, string> Labels(Random random) =>
        new[] { "a", "b", "c", "d" }.Where(_ => random.Next(4) > 0).ToDictionary(key => key, _ => random.Next(2).ToString(CultureInfo.InvariantCulture));

    private static string Selector(Random random) => string.Join(',', new[] { "a", "b", "c", "d" }.Where(_ => random.Next(3) == 0).Select(key => random.Next(5) switch
    {
        0 => $"{key} in ({random.Next(2)},2)",
        1 => $"{key} notin ({random.Next(2)},2)",
        2 => $"!{key}",
        3 => key,
        _ => $"{key}={random.Next(2)}",
    }));
}
