using CapiWorkshop.Kubernetes.Http;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class ConfidentialTextTests
{
    private const string Jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2ln-bmF0_dXJl";

    [Theory]
    [InlineData($"got {Jwt} from it", "got (hidden) from it")]
    [InlineData("Authorization: Bearer ya29.a0AfH6SMBx", "Authorization: Bearer (hidden)")]
    [InlineData("curl -H 'authorization: basic bWU6aHVudGVyMg=='", "curl -H 'authorization: basic (hidden)")]
    [InlineData("password=hunter2, user=me", "password=(hidden), user=me")]
    [InlineData("Password: 'two words'", "Password: (hidden)")]
    [InlineData("""{"client_secret":"x y","id":1}""", """{"client_secret":(hidden),"id":1}""")]
    [InlineData("tool --client-secret hunter2 --user me", "tool --client-secret (hidden) --user me")]
    [InlineData("https://me:hunter2@proxy.example:8080/x", "https://(hidden)@proxy.example:8080/x")]
    [InlineData("refresh_token=abc&scope=all", "refresh_token=(hidden)&scope=all")]
    [InlineData("""{"access_token": "abc" }""", """{"access_token": (hidden) }""")]
    [InlineData("token: k8s-aws-v1.aHR0cHM6", "token: (hidden)")]
    [InlineData("read AbCdEfGhIjKlMnOpQrStUvWxYz0123456789 twice", "read (hidden) twice")]
    public void What_looks_like_a_credential_is_hidden(string text, string expected) => ConfidentialText.Hide(text).ShouldBe(expected);

    [Theory]
    [InlineData("To sign in, open https://login.example/device?code_challenge=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789 and enter the code ABCD-EFGH.")]
    [InlineData("cannot fetch token: 401 Unauthorized")]
    [InlineData("cannot get the token: connection refused by 10.0.0.1:443")]
    [InlineData("the bearer token is missing")]
    [InlineData("basic authentication failed")]
    [InlineData("Correlation ID: 550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("cannot open /home/me/Library/Caches/Tool0123456789/AbCdEfGhIjKlMnOpQrStUvWxYz")]
    public void What_helps_to_sign_in_stays(string text) => ConfidentialText.Hide(text).ShouldBe(text);
}
