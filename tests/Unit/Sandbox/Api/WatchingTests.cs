using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using static CapiWorkshop.Tests.Unit.Sandbox.Api.SandboxFixture;

namespace CapiWorkshop.Tests.Unit.Sandbox.Api;

/// <summary>Each test has a world of its own: a watch sees everything that happens in it.</summary>
public sealed class WatchingTests : IAsyncLifetime
{
    private readonly SandboxFixture _sandbox = new();

    public ValueTask InitializeAsync() => _sandbox.InitializeAsync();

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public async Task A_watch_from_a_version_sees_what_came_after_it()
    {
        long before = _sandbox.AddMachine("a", "Pending", "held").Version;
        _sandbox.AddMachine("b");
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1&resourceVersion={before}");
        (await watch.NextAsync())!.ToString().ShouldBe("ADDED b");
        Set("a", "Running");
        WatchedEvent changed = (await watch.NextAsync())!;
        changed.ToString().ShouldBe("MODIFIED a");
        changed.Object.Text("status", "phase").ShouldBe("Running");
        _sandbox.Management.Store.Delete(Kinds.Machine, "default", "a");
        (await watch.NextAsync())!.Object.Text("metadata", "deletionTimestamp").ShouldNotBeNull();
        _sandbox.Management.Store.Update(Kinds.Machine, "default", "a", item => item["metadata"]!.AsObject().Remove("finalizers"));
        WatchedEvent gone = (await watch.NextAsync())!;
        gone.ToString().ShouldBe("DELETED a");
        gone.Object.Text("metadata", "resourceVersion").ShouldBe($"{_sandbox.Management.Store.Version}", "a watch can go on from there");
    }

    [Fact]
    public async Task Without_a_version_it_starts_with_what_there_is()
    {
        _sandbox.AddMachine("a");
        using WatchReader watch = await OpenAsync($"{Machines}?watch=true");
        (await watch.NextAsync())!.ToString().ShouldBe("ADDED a");
        _sandbox.AddMachine("b");
        (await watch.NextAsync())!.ToString().ShouldBe("ADDED b");
    }

    [Fact]
    public async Task A_streamed_list_ends_with_a_marked_bookmark()
    {
        _sandbox.AddMachine("a");
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan");
        (await watch.NextAsync(bookmarks: true))!.ToString().ShouldBe("ADDED a");
        WatchedEvent end = (await watch.NextAsync(bookmarks: true))!;
        end.Type.ShouldBe("BOOKMARK");
        end.Object.Text("metadata", "annotations", "k8s.io/initial-events-end").ShouldBe("true");
    }

    [Fact]
    public async Task Bookmarks_follow_the_whole_store_and_come_only_when_allowed()
    {
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1&allowWatchBookmarks=true&resourceVersion={_sandbox.Management.Store.Version}");
        _sandbox.Management.Store.Create(Kinds.Secret, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "elsewhere" } });
        string newest = $"{_sandbox.Management.Store.Version}";
        WatchedEvent? bookmark;
        do
            bookmark = await watch.NextAsync(bookmarks: true);
        while (bookmark!.Object.Text("metadata", "resourceVersion") != newest);
        bookmark.Type.ShouldBe("BOOKMARK");
        bookmark.Object.Text("kind").ShouldBe("Machine");
    }

    [Fact]
    public async Task What_leaves_a_selection_is_gone_for_its_watcher()
    {
        _sandbox.AddMachine("a");
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1&resourceVersion={_sandbox.Management.Store.Version}&labelSelector=tier%3Dgold");
        Label("a", "tin");
        Label("a", "gold");
        (await watch.NextAsync())!.ToString().ShouldBe("ADDED a");
        Set("a", "Failed");
        (await watch.NextAsync())!.ToString().ShouldBe("MODIFIED a");
        Label("a", "tin");
        (await watch.NextAsync())!.ToString().ShouldBe("DELETED a");
    }

    [Fact]
    public async Task Other_namespaces_stay_out_of_sight()
    {
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1&resourceVersion={_sandbox.Management.Store.Version}");
        JsonObject elsewhere = Storage.StoreBench.Machine("far");
        elsewhere["metadata"]!["namespace"] = "other";
        _sandbox.Management.Store.Create(Kinds.Machine, elsewhere);
        _sandbox.AddMachine("near");
        (await watch.NextAsync())!.Name.ShouldBe("near");
    }

    [Fact]
    public async Task Tables_are_watched_too_and_only_the_first_describes_itself()
    {
        _sandbox.AddMachine("a");
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1", Table);
        WatchedEvent first = (await watch.NextAsync())!;
        first.Object.Items("columnDefinitions")!.Count.ShouldBe(15);
        _sandbox.Time.Advance(TimeSpan.FromSeconds(30));
        Set("a", "Deleting");
        WatchedEvent second = (await watch.NextAsync())!;
        second.Object.Items("columnDefinitions").ShouldBeNull();
        JsonArray cells = second.Object.Items("rows")![0].Items("cells")!;
        (cells[0]!.ToString(), cells[12]!.ToString(), cells[13]!.ToString()).ShouldBe(("a", "Deleting", "30s"));
    }

    [Fact]
    public async Task A_version_out_of_the_window_is_an_error_event()
    {
        long old = _sandbox.AddMachine("a").Version;
        for (int at = 0; at < 250; at++)
            Set("a", $"Phase{at}");
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1&resourceVersion={old}");
        WatchedEvent error = (await watch.NextAsync())!;
        (error.Type, error.Object.Number("code"), error.Object.Text("reason")).ShouldBe(("ERROR", 410, "Expired"));
        (await watch.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_up()
    {
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1&timeoutSeconds=1");
        (await watch.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_stopping_server_lets_its_watchers_go()
    {
        using WatchReader watch = await OpenAsync($"{Machines}?watch=1");
        Task<WatchedEvent?> next = watch.NextAsync();
        await _sandbox.Server.DisposeAsync();
        try
        {
            (await next).ShouldBeNull();
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // Cut off is as good as ended.
        }
    }

    private Task<WatchReader> OpenAsync(string path, string? accept = null) => WatchReader.OpenAsync(_sandbox.Client, path, accept);

    private void Set(string name, string phase) =>
        _sandbox.Management.Store.Update(Kinds.Machine, "default", name, item => item["status"]!["phase"] = phase, WriteScope.Status);

    private void Label(string name, string tier) =>
        _sandbox.Management.Store.Update(Kinds.Machine, "default", name, item => item["metadata"]!["labels"]!["tier"] = tier);
}
