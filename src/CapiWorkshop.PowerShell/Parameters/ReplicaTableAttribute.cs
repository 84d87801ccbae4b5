using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>Turns a hashtable of names and numbers into one of strings and ints, and refuses any other.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReplicaTableAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is not IDictionary given)
        {
            return value is null ? null : throw new ArgumentTransformationMetadataException($"'{value}' is not a table of clusters and numbers, such as @{{ 'dev-cluster' = 4 }}.");
        }

        OrderedDictionary table = [];
        foreach (DictionaryEntry entry in given)
        {
            if (entry.Key is not string { Length: > 0 } name || !LanguagePrimitives.TryConvertTo(entry.Value, out int replicas) || replicas < 0)
            {
                throw new ArgumentTransformationMetadataException($"'{entry.Key}' = '{entry.Value}' is not a cluster's name and a number of workers.");
            }

            table[name] = replicas;
        }

        return table;
    }
}
