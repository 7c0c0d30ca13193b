/** What a new platform states of an ingress controller, by the class that the controller's own chart gives it. */
export const presets: Readonly<Record<string, { readonly namespace: string; readonly annotations?: object }>> = {
  // The usual annotations of charts/ are those of ingress-nginx.
  nginx: { namespace: 'ingress-nginx' },
  // Traefik 3 waits for a server without a limit, and takes bodies of any size; what limits it has are its entry points'.
  traefik: {
    namespace: 'traefik',
    annotations: {
      'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure',
      'traefik.ingress.kubernetes.io/router.tls': 'true',
    },
  },
  // Of HAProxy Technologies' controller (3.2) and of the community's: each reads its own, and waits for 50 s without it.
  haproxy: {
    namespace: 'haproxy-controller',
    annotations: {
      'haproxy.org/timeout-server': '{seconds}s',
      'haproxy-ingress.github.io/timeout-server': '{seconds}s',
    },
  },
};

/** The flags that tell of ways in, as they were given. */
interface GivenWays {
  readonly 'ingress-class'?: string | undefined;
  readonly gateway?: string | undefined;
}

/**
 * The ways of a new platform: what is stated of them, with what follows from it. With both, records point to the ingress,
 * which is where a move to a Gateway begins.
 */
export function waysFrom(stated: object, { 'ingress-class': className = '', gateway }: GivenWays): object {
  const { ingress, gateway: rest }: { ingress?: object; gateway?: object } = stated;
  const [, namespace, name, sectionName] = /^([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(gateway ?? '') ?? [];
  const parent = { name, namespace, ...(sectionName !== undefined && { sectionName }) };
  const annotations = Object.hasOwn(presets, className) ? presets[className]?.annotations : undefined;
  return {
    ...(ingress && { ingress: { ...ingress, ...(annotations && { annotations }) } }),
    // What is no name of a Gateway stays as it is, and is refused as that.
    ...(rest && { gateway: { ...rest, parentRefs: name === undefined ? gateway : [parent] } }),
    ...(ingress && rest && { active: 'ingress' }),
  };
}
