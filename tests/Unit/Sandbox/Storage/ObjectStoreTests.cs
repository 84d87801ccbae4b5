using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Tests.Unit.Sandbox.Storage;

public class ObjectStoreTests
{
    private readonly StoreBench _bench = new();

    [Fact]
    public void A_new_object_gets_what_only_the_server_gives()
    {
        JsonObject item = _bench.Add("a").ToJson();
        item.Text("apiVersion").ShouldBe("cluster.x-k8s.io/v1beta2");
        item.Text("kind").ShouldBe("Machine");
        item.Text("metadata", "creationTimestamp").ShouldBe("2030-01-02T03:04:05Z");
        item.Number("metadata", "generation").ShouldBe(1);
        Guid.TryParse(item.Text("metadata", "uid"), out _).ShouldBeTrue();
        long.Parse(item.Text("metadata", "resourceVersion")!).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void What_the_caller_keeps_is_not_what_is_stored()
    {
        JsonObject mine = StoreBench.Machine("a");
        _bench.Store.Create(Kinds.Machine, mine);
        mine["spec"]!["clusterName"] = "other";
        StoredObject stored = _bench.Store.Get(Kinds.Machine, "default", "a");
        stored.ToJson()["spec"]!["clusterName"] = "other";
        stored.ToJson().Text("spec", "clusterName").ShouldBe("dev");
    }

    [Fact]
    public void A_client_cannot_bring_a_status_along()
    {
        _bench.Store.Create(Kinds.Machine, StoreBench.Machine("a")).ToJson().ContainsKey("status").ShouldBeFalse();
        _bench.Store.Create(Kinds.Secret, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "s" }, ["status"] = "kept" })
            .ToJson().Text("status").ShouldBe("kept", "a kind without the subresource has no border");
    }

    [Fact]
    public void Generated_names_use_an_alphabet_without_vowels_and_look_alikes()
    {
        JsonObject content = StoreBench.Machine(null);
        content["metadata"]!["generateName"] = "md-0-";
        foreach (int _ in Enumerable.Range(0, 50))
            _bench.Store.Create(Kinds.Machine, content).Name.ShouldMatch("^md-0-[bcdfghjklmnpqrstvwxz2456789]{5}$");
        _bench.Store.List(Kinds.Machine).Items.Count.ShouldBe(50);
    }

    [Fact]
    public void The_same_seed_makes_the_same_names_and_uids()
    {
        StoredObject Make()
        {
            JsonObject content = StoreBench.Machine(null);
            content["metadata"]!["generateName"] = "m-";
            return new StoreBench().Store.Create(Kinds.Machine, content);
        }

        (Make().Name, Make().Uid).ShouldBe((Make().Name, Make().Uid));
    }

    [Fact]
    public void Without_any_name_nothing_is_created() =>
        Should.Throw<ApiFailure>(() => _bench.Store.Create(Kinds.Machine, [])).Code.ShouldBe(422);

    [Fact]
    public void A_taken_name_is_a_conflict()
    {
        _bench.Add("a", "held");
        Should.Throw<ApiFailure>(() => _bench.Add("a")).Message.ShouldBe("machines.cluster.x-k8s.io \"a\" already exists");
        _bench.Store.Delete(Kinds.Machine, "default", "a");
        Should.Throw<ApiFailure>(() => _bench.Add("a")).Message.ShouldBe("object is being deleted: machines.cluster.x-k8s.io \"a\" already exists");
    }

    [Fact]
    public void One_version_grows_for_all_kinds()
    {
        long first = _bench.Add("a").Version;
        _bench.Store.Create(Kinds.Secret, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "s" } }).Version.ShouldBe(first + 1);
        _bench.Change("a", item => item["spec"]!["version"] = "v1").Version.ShouldBe(first + 2);
        _bench.Store.Version.ShouldBe(first + 2);
    }

    [Fact]
    public void Only_a_change_of_intent_counts_a_generation()
    {
        _bench.Add("a");
        _bench.Change("a", item => item["metadata"]!["labels"] = new JsonObject { ["x"] = "y" }).ToJson().Number("metadata", "generation").ShouldBe(1);
        _bench.Change("a", item => item["status"]!["phase"] = "Running", WriteScope.Status).ToJson().Number("metadata", "generation").ShouldBe(1);
        _bench.Change("a", item => item["spec"]!["version"] = "v1").ToJson().Number("metadata", "generation").ShouldBe(2);
    }

    [Fact]
    public void Each_scope_touches_its_own_half()
    {
        _bench.Add("a");
        JsonObject item = _bench.Change("a", Both).ToJson();
        (item.Text("spec", "version"), item.Text("status", "phase")).ShouldBe(("v9", "Pending"));

        _bench.Add("b");
        item = _bench.Change("b", Both, WriteScope.Status).ToJson();
        (item.Text("spec", "version"), item.Text("status", "phase")).ShouldBe((null, "Running"));

        _bench.Add("c");
        item = _bench.Change("c", Both, WriteScope.Everything).ToJson();
        (item.Text("spec", "version"), item.Text("status", "phase")).ShouldBe(("v9", "Running"));

        static void Both(JsonObject item)
        {
            item["spec"]!["version"] = "v9";
            item["status"]!["phase"] = "Running";
        }
    }

    [Fact]
    public void What_belongs_to_the_server_cannot_be_changed()
    {
        StoredObject before = _bench.Add("a");
        JsonObject item = _bench.Change("a", content =>
        {
            content["spec"]!["version"] = "v1";
            content["metadata"]!["creationTimestamp"] = "1999-01-01T00:00:00Z";
            content["metadata"]!["generation"] = 99;
            content["metadata"]!.AsObject().Remove("uid");
            content["kind"] = "Other";
        }).ToJson();
        item.Text("metadata", "creationTimestamp").ShouldBe("2030-01-02T03:04:05Z");
        item.Number("metadata", "generation").ShouldBe(2);
        item.Text("metadata", "uid").ShouldBe(before.Uid);
        item.Text("kind").ShouldBe("Machine");
    }

    [Fact]
    public void A_change_that_changes_nothing_is_not_written()
    {
        StoredObject before = _bench.Add("a");
        using StoreSubscription changes = _bench.Store.Subscribe();
        _bench.Change("a", item => item["spec"]!["clusterName"] = "dev").Version.ShouldBe(before.Version);
        changes.Changes.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public void A_stale_version_is_a_conflict()
    {
        StoredObject old = _bench.Add("a");
        _bench.Change("a", item => item["spec"]!["version"] = "v1");
        ApiFailure failure = Should.Throw<ApiFailure>(() => _bench.Change("a", item =>
            item["metadata"]!["resourceVersion"] = old.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        (failure.Code, failure.Reason).ShouldBe((409, "Conflict"));
        failure.Message.ShouldContain("the object has been modified; please apply your changes to the latest version and try again");
    }

    [Fact]
    public void Another_objects_uid_is_refused()
    {
        _bench.Add("a");
        Should.Throw<ApiFailure>(() => _bench.Change("a", item => item["metadata"]!["uid"] = "1")).Code.ShouldBe(422);
    }

    [Fact]
    public void An_object_without_finalizers_goes_at_once()
    {
        _bench.Add("a");
        _bench.Store.Delete(Kinds.Machine, "default", "a").Gone.ShouldBeTrue();
        Should.Throw<ApiFailure>(() => _bench.Store.Get(Kinds.Machine, "default", "a")).Message.ShouldBe("machines.cluster.x-k8s.io \"a\" not found");
    }

    [Fact]
    public void Finalizers_hold_a_deletion_until_the_last_one_goes()
    {
        _bench.Add("a", "one", "two");
        using StoreSubscription changes = _bench.Store.Subscribe(Kinds.Machine);
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        StoreRemoval removal = _bench.Store.Delete(Kinds.Machine, "default", "a");
        removal.Gone.ShouldBeFalse();
        removal.Object.ToJson().Text("metadata", "deletionTimestamp").ShouldBe("2030-01-02T03:05:05Z");
        removal.Object.ToJson().Number("metadata", "generation").ShouldBe(2);

        _bench.Store.Delete(Kinds.Machine, "default", "a").Object.Version.ShouldBe(removal.Object.Version, "a second deletion says nothing new");
        _bench.Change("a", item => item["metadata"]!["finalizers"] = new JsonArray("two"));
        StoredObject last = _bench.Change("a", item => item["metadata"]!.AsObject().Remove("finalizers"));

        _bench.Store.Find(Kinds.Machine, "default", "a").ShouldBeNull();
        Drain(changes).Select(change => change.Kind).ShouldBe([ChangeKind.Modified, ChangeKind.Modified, ChangeKind.Deleted]);
        last.Version.ShouldBe(_bench.Store.Version);
    }

    [Fact]
    public void An_object_on_its_way_out_takes_no_new_finalizers()
    {
        _bench.Add("a", "one");
        _bench.Store.Delete(Kinds.Machine, "default", "a");
        Should.Throw<ApiFailure>(() => _bench.Change("a", item => item["metadata"]!["finalizers"] = new JsonArray("one", "new")))
            .Message.ShouldContain("no new finalizers can be added if the object is being deleted, found new finalizers []string{\"new\"}");
    }

    [Fact]
    public void A_deletion_can_expect_a_uid_and_a_version()
    {
        StoredObject item = _bench.Add("a");
        Should.Throw<ApiFailure>(() => _bench.Store.Delete(Kinds.Machine, "default", "a", new("another"))).Code.ShouldBe(409);
        Should.Throw<ApiFailure>(() => _bench.Store.Delete(Kinds.Machine, "default", "a", new(null, "0"))).Code.ShouldBe(409);
        _bench.Store.Delete(Kinds.Machine, "default", "a", new(item.Uid)).Gone.ShouldBeTrue();
    }

    [Fact]
    public void A_rehearsal_leaves_no_trace()
    {
        _bench.Add("a");
        long version = _bench.Store.Version;
        _bench.Store.Create(Kinds.Machine, StoreBench.Machine("b"), dryRun: true).Name.ShouldBe("b");
        _bench.Store.Update(Kinds.Machine, "default", "a", item => item["spec"]!["version"] = "v1", dryRun: true)
            .ToJson().Text("spec", "version").ShouldBe("v1");
        _bench.Store.Delete(Kinds.Machine, "default", "a", dryRun: true).Gone.ShouldBeTrue();
        _bench.Store.Version.ShouldBe(version);
        _bench.Store.List(Kinds.Machine).Items.Select(item => item.Name).ShouldBe(["a"]);
        _bench.Store.Get(Kinds.Machine, "default", "a").ToJson().Text("spec", "version").ShouldBeNull();
    }

    [Fact]
    public void Lists_come_in_the_order_of_their_keys()
    {
        foreach (string name in (string[])["b", "a-b", "a", "B2", "a.b"])
            _bench.Add(name);
        _bench.Store.List(Kinds.Machine, "default").Items.Select(item => item.Name).ShouldBe(["B2", "a", "a-b", "a.b", "b"]);
        _bench.Store.List(Kinds.Machine, "elsewhere").Items.ShouldBeEmpty();
    }

    [Fact]
    public void A_list_can_look_back_to_an_earlier_version()
    {
        _bench.Add("a");
        _bench.Add("b");
        long then = _bench.Store.Version;
        _bench.Change("a", item => item["spec"]!["version"] = "v1");
        _bench.Change("a", item => item["spec"]!["version"] = "v2");
        _bench.Store.Delete(Kinds.Machine, "default", "b");
        _bench.Add("c");

        ObjectList list = _bench.Store.List(Kinds.Machine, at: then);
        list.Version.ShouldBe(then);
        list.Items.Select(item => (item.Name, item.ToJson().Text("spec", "version"))).ShouldBe([("a", null), ("b", null)]);
    }

    [Fact]
    public void A_history_that_is_gone_is_expired()
    {
        StoreBench bench = new(historyLimit: 3);
        long start = bench.Add("a").Version;
        foreach (int at in Enumerable.Range(0, 4))
            bench.Change("a", item => item["spec"]!["version"] = $"v{at}");
        ApiFailure failure = Should.Throw<ApiFailure>(() => bench.Store.Watch(Kinds.Machine, start));
        (failure.Code, failure.Reason).ShouldBe((410, "Expired"));
        failure.Message.ShouldStartWith($"too old resource version: {start} (");
        Should.Throw<ApiFailure>(() => bench.Store.List(Kinds.Machine, at: start)).Code.ShouldBe(410);

        using StoreSubscription rest = bench.Store.Watch(Kinds.Machine, start + 1);
        Drain(rest).Count.ShouldBe(3);
    }

    [Fact]
    public void A_version_that_has_not_been_is_too_large() =>
        Should.Throw<ApiFailure>(() => _bench.Store.Watch(Kinds.Machine, 1_000_000)).Code.ShouldBe(504);

    [Fact]
    public void A_watch_replays_and_goes_on_without_a_gap()
    {
        long before = _bench.Add("a").Version;
        _bench.Add("b");
        using StoreSubscription watch = _bench.Store.Watch(Kinds.Machine, before);
        _bench.Store.Create(Kinds.Secret, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "other-kind" } });
        _bench.Change("a", item => item["spec"]!["version"] = "v1");
        _bench.Store.Delete(Kinds.Machine, "default", "b");

        List<StoreChange> changes = Drain(watch);
        changes.Select(change => (change.Kind, change.Object.Name)).ShouldBe(
            [(ChangeKind.Added, "b"), (ChangeKind.Modified, "a"), (ChangeKind.Deleted, "b")]);
        changes.Select(change => change.Version).ShouldBeInOrder();
        changes[1].Previous!.ToJson().Text("spec", "version").ShouldBeNull();
    }

    [Fact]
    public async Task Many_writers_lose_nothing_and_watchers_see_it_in_order()
    {
        _bench.Store.Create(Kinds.ConfigMap, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "count" }, ["data"] = new JsonObject { ["n"] = 0 } });
        using StoreSubscription watch = _bench.Store.Subscribe(Kinds.ConfigMap);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int turn = 0; turn < 50; turn++)
                _bench.Store.Update(Kinds.ConfigMap, "default", "count", item => item["data"]!["n"] = item.Number("data", "n") + 1);
        }, TestContext.Current.CancellationToken)));
        _bench.Store.Get(Kinds.ConfigMap, "default", "count").ToJson().Number("data", "n").ShouldBe(400);
        Drain(watch).Select(change => change.Object.ToJson().Number("data", "n")!.Value).ShouldBe(Enumerable.Range(1, 400).Select(number => (long)number));
    }

    private static List<StoreChange> Drain(StoreSubscription subscription)
    {
        List<StoreChange> changes = [];
        while (subscription.Changes.TryRead(out StoreChange? change))
            changes.Add(change);
        return changes;
    }
}
