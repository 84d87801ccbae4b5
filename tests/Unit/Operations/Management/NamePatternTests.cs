using CapiWorkshop.Operations;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("*", "", true)]
    [InlineData("dev-*", "dev-cluster", true)]
    [InlineData("dev-*", "dev-", true)]
    [InlineData("dev-*", "my-dev-cluster", false)]
    [InlineData("*-md-0", "dev-cluster-md-0", true)]
    [InlineData("*-md-0", "dev-cluster-md-01", false)]
    [InlineData("*cluster*", "dev-cluster-md-0", true)]
    [InlineData("a**b", "ab", true)]
    [InlineData("md-?", "md-0", true)]
    [InlineData("md-?", "md-", false)]
    [InlineData("md-?", "md-10", false)]
    [InlineData("md-[a-c]", "md-b", true)]
    [InlineData("md-[a-c]", "md-d", false)]
    [InlineData("md-[ac]", "md-c", true)]
    [InlineData("md-[ac]", "md-b", false)]
    [InlineData("md-[0-9][0-9]", "md-42", true)]
    [InlineData("md-[0-9]", "md-42", false)]
    [InlineData("md-[^a]", "md-^", true)]
    [InlineData("md-[^a]", "md-b", false)]
    [InlineData("md-[^a]", "md-a", true)]
    [InlineData(@"md-[\d]", "md-5", false)]
    [InlineData(@"md-[\d]", "md-d", true)]
    [InlineData("md-[a-c", "md-[a-c", true)]
    [InlineData("md-[a-c", "md-a", false)]
    [InlineData("md-[]", "md-[]", true)]
    [InlineData("DEV-*", "dev-cluster", true)]
    [InlineData("dev-*", "DEV-cluster", true)]
    [InlineData("MD-[A-C]", "md-b", true)]
    [InlineData("a.c*", "abc", false)]
    [InlineData("a.c*", "a.c.example", true)]
    [InlineData("a+(b)|c$*", "a+(b)|c$", true)]
    [InlineData("a+(b)|c$*", "aab", false)]
    [InlineData("{1}*", "{1}x", true)]
    public void Wildcards_match_as_in_PowerShell(string pattern, string name, bool expected)
    {
        NamePattern compiled = new(pattern);

        compiled.Matches(name).ShouldBe(expected);
        compiled.IsExact.ShouldBeFalse();
    }

    [Theory]
    [InlineData("dev-cluster", "dev-cluster", true)]
    [InlineData("dev-cluster", "DEV-Cluster", true)]
    [InlineData("dev-cluster", "dev-cluster-2", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("md-0]", "md-0]", true)]
    public void A_name_without_wildcards_is_that_name_in_any_case(string pattern, string name, bool expected)
    {
        NamePattern compiled = new(pattern);

        compiled.Matches(name).ShouldBe(expected);
        compiled.IsExact.ShouldBeTrue();
        compiled.Text.ShouldBe(pattern);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("x")]
    public void No_name_matches_nothing(string pattern) => new NamePattern(pattern).Matches(null).ShouldBeFalse();

    [Fact]
    public void Any_text_can_be_a_pattern_and_case_never_matters()
    {
        Gen<string> texts = Gen.Elements("aB*?[]^\\.$(+|{}#".ToCharArray()).ArrayOf().Select(characters => new string(characters));

        Prop.ForAll(texts.ToArbitrary(), texts.ToArbitrary(), (pattern, name) => new NamePattern(pattern).Matches(name) == new NamePattern(pattern.ToUpperInvariant()).Matches(name.ToUpperInvariant()))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithQuietOnSuccess(true));
    }

    /// <summary>A typing error of the user's, so not a reason to crash with the words of a regular expression engine.</summary>
    [Fact]
    public void A_range_that_runs_backwards_matches_nothing_or_is_a_problem()
    {
        bool? matches = null;
        CapiProblemException? problem = null;
        try
        {
            matches = new NamePattern("md-[c-a]").Matches("md-b");
        }
        catch (CapiProblemException e)
        {
            problem = e;
        }

        (matches == false || problem?.Problem.Category == CapiProblemCategory.InvalidArgument).ShouldBeTrue();
    }
}
