/** The settings of known ingress controllers, by the ingress class in the controller's own chart. */
export const presets: Readonly<Record<string, { readonly namespace: string; readonly annotations?: object }>> = {
  // The default annotations of charts/ are those of ingress-nginx.
  nginx: { namespace: 'ingress-nginx' },
  // Traefik 3 limits neither the wait for a server nor the size of a body, except on its entry points.
  traefik: {
    namespace: 'traefik',
    annotations: {
      'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure',
      'traefik.ingress.kubernetes.io/router.tls': 'true',
    },
  },
  // HAProxy Technologies' controller (3.2) and the community's each read their own annotation; the default is 50 s.
  haproxy: {
    namespace: 'haproxy-controller',
    annotations: {
      'haproxy.org/timeout-server': '{seconds}s',
      'haproxy-ingress.github.io/timeout-server': '{seconds}s',
    },
  },
};

/** The flags about ways in. */
interface GivenWays {
  readonly 'ingress-class'?: string | undefined;
  readonly gateway?: string | undefined;
}

/**
 * Completes the ways in of a new platform. With both, records point to the ingress: a migration to a Gateway starts there.
 */
export function waysFrom(given: object, { 'ingress-class': className = '', gateway }: GivenWays): object {
  const { ingress, gateway: rest }: { ingress?: object; gateway?: object } = given;
  const [, namespace, name, sectionName] = /^([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(gateway ?? '') ?? [];
  const parent = { name, namespace, ...(sectionName !== undefined && { sectionName }) };
  const annotations = Object.hasOwn(presets, className) ? presets[className]?.annotations : undefined;
  return {
    ...(ingress && { ingress: { ...ingress, ...(annotations && { annotations }) } }),
    // An invalid name of a Gateway stays unchanged, so that the schema rejects it.
    ...(rest && { gateway: { ...rest, parentRefs: name === undefined ? gateway : [parent] } }),
    ...(ingress && rest && { active: 'ingress' }),
  };
}
