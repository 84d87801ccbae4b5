namespace CapiWorkshop.Sandbox.World;

/// <summary>A node that pods are put on. It gives each an address of its own network.</summary>
/// <param name="node">The node's name.</param>
/// <param name="address">The node's own address, which pods on the host's network share.</param>
/// <param name="podNetwork">The first three bytes of its pods' addresses, such as <c>10.244.0</c>.</param>
internal sealed class PodHost(string node, string address, string podNetwork)
{
    /// <summary>The first belongs to the node's end of the network.</summary>
    private int _last = 1;

    public string Node { get; } = node;

    public string Address { get; } = address;

    public string NextPodAddress() => $"{podNetwork}.{++_last}";
}
