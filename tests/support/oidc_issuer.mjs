// A real OpenID Connect issuer for tests, on loopback. Settings come as JSON in the first argument:
// {"port": 0, "clients": [names], "jwks": {...}, "alg": "RS256", "ttl": 300}; a line of JSON on standard input replaces some of them
// (rotation of keys, another algorithm) and is answered by a line. Clients use client_credentials; a token's subject is the client.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

let settings = { port: 0, alg: "RS256", ttl: 300, ...JSON.parse(process.argv[2]) };
let handle;

function configure(issuer) {
  const provider = new Provider(issuer, {
    jwks: settings.jwks,
    clients: settings.clients.map((name) => ({
      client_id: name,
      client_secret: `secret-of-${name}`,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_post",
    })),
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256", "EdDSA", "PS256"] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: "",
          audience: resource,
          accessTokenTTL: settings.ttl,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: settings.alg } },
        }),
      },
    },
  });
  handle = provider.callback();
}

const server = createServer((request, response) => handle(request, response));
server.listen(settings.port, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  configure(issuer);
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      settings = { ...settings, ...JSON.parse(line) };
      configure(issuer);
      process.stdout.write(`${JSON.stringify({ issuer })}\n`);
    })
    .on("close", () => process.exit(0)); // nobody is there any more
});
