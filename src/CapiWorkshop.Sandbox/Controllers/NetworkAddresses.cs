namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>The addresses of the container network, in the order they are asked for. The first one after the gateway is the management cluster's.</summary>
internal sealed class NetworkAddresses
{
    private const int First = 2;

    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private readonly SortedSet<int> _returned = [];
    private int _next = First;

    /// <summary>The address of a container; always the same one until it is released.</summary>
    public string Of(string container)
    {
        if (!_taken.TryGetValue(container, out int host))
        {
            host = _returned.Count > 0 ? _returned.Min : _next++;
            _returned.Remove(host);
            _taken[container] = host;
        }

        return $"172.18.{host / 256}.{host % 256}";
    }

    public void Release(string container)
    {
        if (_taken.Remove(container, out int host))
            _returned.Add(host);
    }
}
