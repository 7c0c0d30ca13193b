/** Names in the public zone, a deployed server as the engine and its clients find it, and the engine itself. */
export const ofLiveServers = {
  'DNS-NAME': {
    means: 'a host is not a complete lower-case name in the zone, or is one that the platform uses itself',
    fix: 'correct `host`',
  },
  'DNS-TARGET': {
    means: 'records would point at a name that is not public',
    fix: 'correct the address of that way (`ways`) in `platforms/<cluster>.ts`',
  },
  'DNS-DUPLICATE': {
    means:
      'two servers, or one server on two platforms, have the same host; or Terraform or Cloudflare would refuse a record beside one that is there; a warning where nobody can tell',
    fix: 'change one host, or take the record over with the field `record`, as the message says',
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
    fix: 'merge and apply the record, or see what else gives the name (`dns.none`), then `npm run verify -- <server> --wait 5m`',
  },
  'DNS-CNAME': {
    means: 'the name resolves to another place',
    fix: 'merge and apply the record, or see what else gives the name (`dns.none`), then `npm run verify -- <server> --wait 5m`',
  },
  'INTERNAL-URL': {
    means:
      'the address is private: the engine refuses it for workers of its dashboard, while its health check stays green',
    fix: "use a public host, the engine's configuration file, or its allow-list",
  },
  UNREACHABLE: {
    means: 'nothing answers at the address',
    fix: 'check the likely cause in the message',
  },
  'TLS-INVALID': {
    means: 'the certificate is not valid for this host',
    fix: 'ask whoever renews it; the message says what is wrong with it',
  },
  'TLS-SOON': {
    means: 'the certificate of this host expires soon',
    fix: 'check that it is renewed automatically',
  },
  'LOGIN-WALL': {
    means: 'a login page answers machines',
    fix: 'remove the login from this host',
  },
  HEALTH: {
    means: 'the health path does not answer as a worker does',
    fix: 'check what runs there',
  },
  'TOOLS-OPEN': {
    means: 'the worker lists its tools without a token',
    fix: 'remove `ARCADE_AUTH_DISABLED`, and restart the pods',
  },
  'TOKEN-REFUSED': {
    means: 'the secret is not the one in the cluster; or the old one still works after a rotation',
    fix: 'compare it with the sealed one; finish the rotation',
  },
  'TOOLS-DIFFER': {
    means: 'the tools, or what callers see of them, differ from the sources, or between `/worker` and `/mcp`',
    fix: 'deliver the right image; the message names tool, member and likely cause',
  },
  'TOOL-FAILS': {
    means: 'a tool cannot be called, or does not return what its own example says',
    fix: 'read its message and the log of the worker',
  },
  MCP: {
    means: '`/mcp` does not answer as the protocol requires',
    fix: 'read the message: it says which revision, and how',
  },
  SLOW: {
    means: 'a warning: answers take long',
    fix: 'check CPU use and limits',
  },
  CLUSTER: {
    means: 'kubectl cannot read the state of the cluster',
    fix: 'check its configuration',
  },
  'SECRET-NOT-SYNCED': {
    means:
      'the Secret is not as declared: the SealedSecret is not decrypted, the operator cannot read the store, or a Secret that somebody else writes is missing or lacks a key',
    fix: 'read the message; most often another certificate, or an entry that the store does not have',
  },
  'RELEASE-NOT-READY': {
    means: 'the HelmRelease is not ready',
    fix: 'run the command in the message',
  },
  'RELEASE-DRIFTED': {
    means: 'somebody changed objects of the HelmRelease by hand in the cluster',
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
      'a pod cannot start: a Secret or an image is missing, no node has room, or the worker exits; as a warning: one is not ready beside others that are',
    fix: 'fix the cause in the message',
  },
  'PODS-STALE': {
    means: 'pods read another Secret than the declared one; as a warning: they started before it was last written',
    fix: 'wait for the rollout, or `kubectl -n <namespace> rollout restart deployment`',
  },
  'ROUTE-NOT-ACCEPTED': {
    means:
      "a Gateway does not accept the server's HTTPRoute or does not find the Service behind it, or no controller has looked at it yet",
    fix: "see why in the message; often the listener's `allowedRoutes` leave out the server's namespace",
  },
  'GATEWAY-NOT-READY': {
    means: 'the Gateway that routes join does not exist, or has no address or configuration to serve with',
    fix: '`kubectl -n <namespace> describe gateway <name>`',
  },
  'NOT-VERIFIED': {
    means: 'a server cannot be registered before it is verified',
    fix: 'fix what verify lists',
  },
  'ENGINE-KEY': {
    means: 'the engine refuses the API key, or there is none',
    fix: 'set `ARCADE_API_KEY`, and check `--engine`',
  },
  'ENGINE-ANSWER': {
    means: 'the engine does not answer as its API does',
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
    means: 'an allow-list entry cannot be read',
    fix: 'write it as the engine does',
  },
} as const;
