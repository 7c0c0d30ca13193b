/** Problems of public names, deployed servers and the engine. */
export const ofLiveServers = {
  'DNS-NAME': {
    means: 'a host is not a complete lower-case name in the zone, or is one that the platform uses itself',
    fix: 'correct `host`',
  },
  'DNS-TARGET': {
    means: 'records would point at a name that is not public',
    fix: 'correct the address in `ways` of `platforms/<cluster>.ts`',
  },
  'DNS-DUPLICATE': {
    means:
      'two servers, or one server on two platforms, have the same host; or Terraform or Cloudflare would reject a record because another exists; a warning if that is uncertain',
    fix: 'change one host, or adopt the record with the field `record`, as the message says',
  },
  'DNS-ZONE-UNSET': {
    means: 'the DNS workspace is not confirmed',
    fix: 'ask the owners of the DNS repository, and write it to `platforms/<cluster>.ts`',
  },
  'HOST-MISMATCH': {
    means: 'a way in, the DNS record and the address to register differ',
    fix: 'write the host once, in `host`',
  },
  'DNS-UNRESOLVED': {
    means: 'the name does not resolve',
    fix: 'merge and apply the record, or check what else creates it (`dns.none`), then `npm run verify -- <server> --wait 5m`',
  },
  'DNS-CNAME': {
    means: 'the name resolves to something else',
    fix: 'merge and apply the record, or check what else creates it (`dns.none`), then `npm run verify -- <server> --wait 5m`',
  },
  'INTERNAL-URL': {
    means:
      'the address is private: the engine rejects it for workers of its dashboard, although the health check stays green',
    fix: "use a public host, the engine's configuration file, or its allow-list",
  },
  UNREACHABLE: {
    means: 'nothing answers at the address',
    fix: 'check the likely cause in the message',
  },
  'TLS-INVALID': {
    means: 'the certificate is not valid for this host',
    fix: 'fix the cause in the message; ask the team that manages the certificate',
  },
  'TLS-SOON': {
    means: 'the certificate of this host expires soon',
    fix: 'check that it is renewed automatically',
  },
  'LOGIN-WALL': {
    means: 'requests are redirected to a login page',
    fix: 'remove the login from this host',
  },
  HEALTH: {
    means: 'the response of the health path is not that of a worker',
    fix: 'check what runs there',
  },
  'TOOLS-OPEN': {
    means: 'the worker lists its tools without a token',
    fix: 'remove `ARCADE_AUTH_DISABLED`, and restart the pods',
  },
  'TOKEN-REFUSED': {
    means: 'the secret differs from that in the cluster; or the old one still works after a rotation',
    fix: 'compare it with the sealed secret; finish the rotation',
  },
  'TOOLS-DIFFER': {
    means: 'the tools, or their definitions, differ from the sources, or between `/worker` and `/mcp`',
    fix: 'deliver the right image; the message names the tool, the member and the likely cause',
  },
  'TOOL-FAILS': {
    means: 'a tool cannot be called, or does not return the output of its example',
    fix: "check its message and the worker's log",
  },
  MCP: {
    means: '`/mcp` violates the protocol',
    fix: 'fix the cause in the message, which names the revision',
  },
  SLOW: {
    means: 'a warning: responses are slow',
    fix: 'check CPU use and limits',
  },
  CLUSTER: {
    means: 'kubectl cannot read the state of the cluster',
    fix: 'check its configuration',
  },
  'SECRET-NOT-SYNCED': {
    means:
      'the Secret is not as declared: the SealedSecret is not decrypted, the operator cannot read the store, or a Secret managed elsewhere is missing or lacks a key',
    fix: 'fix the cause in the message; usually another certificate, or a missing entry in the store',
  },
  'RELEASE-NOT-READY': {
    means: 'the HelmRelease is not ready',
    fix: 'run the command in the message',
  },
  'RELEASE-DRIFTED': {
    means: 'objects of the HelmRelease were changed by hand in the cluster',
    fix: 'run the command in the message to revert the change',
  },
  'RELEASE-SUSPENDED': {
    means: 'the HelmRelease is suspended, so no change reaches the cluster',
    fix: '`flux resume helmrelease <name> -n <namespace>`',
  },
  'IMAGE-DIFFERS': {
    means: 'pods run another image than the declared one',
    fix: 'wait for the rollout, or check why it is stuck',
  },
  'IMAGE-REWRITTEN': {
    means: 'a warning: admission changed the registry, or replaced the tag by a digest, so versions cannot be compared',
    fix: 'compare the digests of both images',
  },
  'PODS-WAITING': {
    means:
      'a pod cannot start: a Secret or an image is missing, no node has room, or the worker exits; as a warning: one is not ready, but others are',
    fix: 'fix the cause in the message',
  },
  'PODS-STALE': {
    means: 'pods use another Secret than the declared one; as a warning: they started before it was last written',
    fix: 'wait for the rollout, or `kubectl -n <namespace> rollout restart deployment`',
  },
  'ROUTE-NOT-ACCEPTED': {
    means:
      "a Gateway does not accept the server's HTTPRoute or does not find its Service, or no controller has processed it yet",
    fix: "fix the cause in the message; often the listener's `allowedRoutes` exclude the server's namespace",
  },
  'GATEWAY-NOT-READY': {
    means: 'the Gateway of the route does not exist, has no address, or is not programmed',
    fix: '`kubectl -n <namespace> describe gateway <name>`',
  },
  'NOT-VERIFIED': {
    means: 'a server cannot be registered before it is verified',
    fix: 'fix what verify lists',
  },
  'ENGINE-KEY': {
    means: 'the engine rejects the API key, or there is none',
    fix: 'set `ARCADE_API_KEY`, and check `--engine`',
  },
  'ENGINE-ANSWER': {
    means: 'the response is not that of the engine API',
    fix: 'check `ARCADE_API_URL` or `--engine`',
  },
  'ENGINE-WORKER': {
    means: 'the engine has a worker of this id that cannot be changed through its API',
    fix: 'change it where it was created',
  },
  'ENGINE-NO-TOOLS': {
    means: 'the engine does not list the tools',
    fix: 'check the likely cause in the message',
  },
  'ENGINE-ALLOWLIST': {
    means: 'an allow-list entry cannot be parsed',
    fix: "write it in the engine's format",
  },
} as const;
