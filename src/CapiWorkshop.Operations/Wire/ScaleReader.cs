using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>Reads Kubernetes' <c>Scale</c>, which is what the scale subresource of any kind answers.</summary>
internal static class ScaleReader
{
    /// <summary>As many replicas as are asked for; the reader stands on the object.</summary>
    public static int? DesiredReplicas(ref Utf8JsonReader reader)
    {
        Utf8StringPool pool = new();
        int? replicas = null;
        while (reader.NextProperty(pool, out string name))
        {
            if (name != "spec")
            {
                reader.Skip();
            }
            else if (reader.EnterObject())
            {
                while (reader.NextProperty(pool, out string field))
                {
                    if (field == "replicas")
                    {
                        replicas = reader.Int();
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
            }
        }

        return replicas;
    }
}
