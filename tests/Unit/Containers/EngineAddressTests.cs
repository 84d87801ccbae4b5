using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Containers;

public sealed class EngineAddressTests
{
    [Theory]
    [InlineData("unix:///run/user/1000/docker.sock", "/run/user/1000/docker.sock")]
    [InlineData("UNIX:///with space/100%/a?b#c.sock", "/with space/100%/a?b#c.sock")]
    [InlineData("  unix://relative.sock ", "relative.sock")]
    public void Sockets_are_paths_to_the_letter(string text, string path)
    {
        EngineAddress address = EngineAddress.Parse(text, tls: true, "DOCKER_HOST");

        address.ShouldBe(new EngineAddress.UnixSocket(path));
        EngineAddress.Parse(address.ToString(), tls: false, "itself").ShouldBe(address);
    }

    [Theory]
    [InlineData("npipe:////./pipe/docker_engine", ".", "docker_engine")]
    [InlineData(@"npipe://\\.\pipe\docker_engine", ".", "docker_engine")]
    [InlineData("npipe:////server/PIPE/a/b", "server", "a/b")]
    public void Pipes_are_a_server_and_a_name(string text, string server, string name)
    {
        EngineAddress address = EngineAddress.Parse(text, tls: false, "DOCKER_HOST");

        address.ShouldBe(new EngineAddress.Pipe(server, name));
        EngineAddress.Parse(address.ToString(), tls: false, "itself").ShouldBe(address);
    }

    [Theory]
    [InlineData("tcp://10.0.0.5:2375", false, "http://10.0.0.5:2375/")]
    [InlineData("tcp://10.0.0.5", false, "http://10.0.0.5:2375/")]
    [InlineData("tcp://10.0.0.5", true, "https://10.0.0.5:2376/")]
    [InlineData("10.0.0.5:99", false, "http://10.0.0.5:99/")]
    [InlineData("engine.example", true, "https://engine.example:2376/")]
    [InlineData("http://engine.example:80", false, "http://engine.example/")]
    [InlineData("https://engine.example", false, "https://engine.example:2376/")]
    [InlineData("tcp://[::1]:2375", false, "http://[::1]:2375/")]
    [InlineData("tcp://engine.example:2375/behind/a/proxy/", false, "http://engine.example:2375/behind/a/proxy")]
    public void Hosts_have_dockers_own_ports(string text, bool tls, string url)
    {
        EngineAddress.Tcp address = EngineAddress.Parse(text, tls, "DOCKER_HOST").ShouldBeOfType<EngineAddress.Tcp>();

        address.Url.AbsoluteUri.ShouldBe(url);
        EngineAddress.Parse(address.ToString(), address.Tls, "itself").ShouldBe(address);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void Nothing_is_the_default(string? text) => EngineAddress.Parse(text, tls: true, "DOCKER_HOST").ToString()
        .ShouldBe(OperatingSystem.IsWindows() ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock");

    [Theory]
    [InlineData("unix://")]
    [InlineData("npipe://")]
    [InlineData("npipe:////./pipe/")]
    [InlineData("npipe:////./elsewhere/docker_engine")]
    [InlineData("tcp://")]
    [InlineData("tcp://host:port")]
    [InlineData("tcp://host:99999")]
    [InlineData("tcp://host?a=b")]
    [InlineData("fd://")]
    [InlineData("://")]
    [InlineData("ssh://me@host")]
    public void What_is_no_address_is_refused_by_the_name_of_its_source(string text)
    {
        CapiProblem problem = Problems.Of(() => EngineAddress.Parse(text, tls: false, "DOCKER_HOST"));

        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.EngineConfigInvalid, CapiProblemCategory.InvalidArgument, "DOCKER_HOST"));
        problem.Message.ShouldContain("DOCKER_HOST");
        problem.Action.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void A_socket_that_no_system_could_open_is_refused() =>
        Problems.Of(() => EngineAddress.Parse("unix:///" + new string('x', 200), tls: false, "DOCKER_HOST")).Id.ShouldBe(ProblemId.EngineConfigInvalid);

    [Theory]
    [InlineData("tcp://me:s3cr3t@host:2375")]
    [InlineData("https://s3cr3t@host")]
    [InlineData("me:s3cr3t@host:2375")]
    [InlineData("tcp://me:s3cr3t@host:port")]
    public void A_password_in_an_address_is_refused_and_not_shown(string text) =>
        Problems.Shown(Should.Throw<CapiProblemException>(() => EngineAddress.Parse(text, tls: false, "DOCKER_HOST"))).ShouldNotContain("s3cr3t");
}
