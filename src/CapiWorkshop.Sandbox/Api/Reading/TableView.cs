using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;

namespace CapiWorkshop.Sandbox.Api.Reading;

/// <summary>Objects as rows, the way kubectl asks for them: the server decides on the columns.</summary>
internal sealed class TableView
{
    private readonly IReadOnlyList<PrinterColumn> _columns;
    private readonly TimeProvider _time;
    private readonly string _include;
    private bool _described;

    public TableView(ApiCall call)
        : this(call, ColumnsOf(call.Resource, call.Request.Version))
    {
    }

    /// <param name="call">Says what else is wanted of a table.</param>
    /// <param name="columns">Those of something that is no object of the call's kind, such as its scale.</param>
    public TableView(ApiCall call, IReadOnlyList<PrinterColumn> columns)
    {
        _columns = columns;
        _time = call.Api.Time;
        _include = call.Query("includeObject") is { Length: > 0 } include ? include : "Metadata";
        if (_include is not ("None" or "Metadata" or "Object"))
        {
            throw ApiFailure.InvalidOptions("TableOptions",
                FieldProblem.Unsupported("includeObject", $"\"{_include}\"", "", "Metadata", "None", "Object"));
        }
    }

    /// <summary>A table of some objects. Within one answer only the first table describes its columns.</summary>
    public JsonObject Table(IEnumerable<JsonObject> items, JsonObject metadata)
    {
        JsonNode? definitions = _described ? null : new JsonArray([.. _columns.Select(Describe)]);
        _described = true;
        // Read for each table: those of a watch are made over a long time.
        DateTimeOffset now = _time.GetUtcNow();
        return new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = definitions,
            ["rows"] = new JsonArray([.. items.Select(item => Row(item, now))]),
        };
    }

    /// <summary>The table of one object, versioned as the object is.</summary>
    public JsonObject TableOf(JsonObject item) =>
        Table([item], new JsonObject { ["resourceVersion"] = item["metadata"]?["resourceVersion"]?.DeepClone() });

    private JsonObject Row(JsonObject item, DateTimeOffset now) => new()
    {
        ["cells"] = new JsonArray([.. _columns.Select(column => column.Cell(item, now))]),
        ["object"] = _include switch
        {
            "None" => null,
            "Object" => item.DeepClone(),
            _ => ObjectView.Metadata(item),
        },
    };

    private static JsonObject Describe(PrinterColumn column) => new()
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    };

    private static IReadOnlyList<PrinterColumn> ColumnsOf(ResourceDefinition resource, ResourceVersion version)
    {
        if (!resource.HasNameColumn)
            return version.Columns;
        return [Columns.Name, .. version.Columns.Count > 0 ? version.Columns : [Columns.Age]];
    }
}
