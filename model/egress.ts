import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { label } from './fields';
import { labelsRule } from './labels';
import { rule } from './schema-problems';

/** A block of addresses in its usual form: what lies behind its length is zero, or somebody meant another block. */
const cidr = z.string().superRefine((text, context) => {
  const block = ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
  const usual = block && `${networkOf(text)}/${block[1]}`;
  if (usual === text) return;
  const found = usual === undefined ? 'is not a block of addresses' : 'has bits behind its length, or an odd form';
  rule(context, undefined, found, `write ${usual ?? 'one such as 10.20.0.0/16'}`);
});

const portForm = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(TCP|UDP|SCTP))?$/;
const port = z
  .union([z.int(), z.string()])
  .transform((given) => portOf(String(given)))
  .refine(({ port, endPort = port }) => port >= 1 && port <= endPort && endPort <= 65_535, {
    message: 'is not a port, such as 443, or a range with its protocol, such as "8000-8100/UDP"',
  });

/** One place that pods may call: a namespace, or a block of addresses. */
const Peer = z
  .strictObject({
    /** A namespace of the cluster, whose pods may all be called. */
    namespace: label.optional(),
    /**
     * Labels of the pods that may be called there.
     * @default - all of them
     */
    pods: z
      .record(z.string(), z.string())
      .superRefine((given, context) => labelsRule(given, context))
      .optional(),
    /** Addresses outside the cluster, such as `203.0.113.0/24`; most network plugins take none of a pod by its address. */
    cidr: cidr.optional(),
    /**
     * Blocks inside it that may not be called.
     * @default - none
     */
    except: z.array(cidr).optional(),
    /**
     * Ports of what is called (of its pods, not of a Service): `443`, `"53/UDP"` or `"8000-8100"`; TCP when nothing is said.
     * @default - all of them
     */
    ports: z.array(port).min(1, 'names no port; leave it out for all').optional(),
  })
  .superRefine((peer, context) => {
    const { namespace, pods, cidr: block, except = [] } = peer;
    if ((namespace === undefined) === (block === undefined))
      rule(context, undefined, 'names not exactly one of namespace and cidr', 'write one of the two');
    if (pods !== undefined && namespace === undefined)
      rule(context, undefined, 'needs the namespace of those pods', 'write namespace beside it', ['pods']);
    for (const [index, inner] of except.entries()) {
      if (block !== undefined && isInside(inner, block) && inner !== block) continue;
      const found = block === undefined ? 'needs the cidr that it is taken from' : `is no part of ${block}`;
      rule(context, undefined, found, 'write a smaller block inside cidr, or take it out', ['except', String(index)]);
    }
  });

/** Where pods may call, beside DNS. */
export const egress = z.array(Peer);

/** One place that pods may call. */
export type Peer = Readonly<z.output<typeof Peer>>;

/** Something that a pod has to call: an address or a name, and the port there. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

/**
 * Whether one of the places may lead to a destination, as far as that can be known without asking anyone: an address by its
 * block; a Service of the cluster by its namespace, or a block of private addresses; a public name by the port of any
 * block. Rules add up, so what one excepts another may admit.
 * @param own the namespace that a name without one is in
 */
export function mayReach(peers: readonly Peer[], { host, port, protocol }: Destination, own: string): boolean {
  const blocks = peers.filter((peer) => peer.cidr !== undefined);
  const admitsPort = ({ ports }: Peer) =>
    ports?.some((each) => each.protocol === protocol && each.port <= port && port <= (each.endPort ?? each.port)) ??
    true;
  if (ipaddr.isValid(host)) return blocks.some((peer) => admitsPort(peer) && hasAddress(peer, host));
  const namespace = namespaceIn(host, own);
  // The port of a Service is not that of its pods, which rules are about.
  if (namespace !== undefined)
    return peers.some((peer) => peer.namespace === namespace) || blocks.some(({ cidr = '' }) => hasPrivate(cidr));
  return blocks.some(admitsPort);
}

function portOf(text: string): { readonly port: number; readonly endPort?: number; readonly protocol: string } {
  const [, first = '0', last, protocol = 'TCP'] = portForm.exec(text) ?? [];
  return { port: Number(first), ...(last === undefined ? {} : { endPort: Number(last) }), protocol };
}

/** The namespace of a name in the cluster: `collector`, `collector.otel.svc`, `collector.otel.svc.cluster.local`. */
function namespaceIn(host: string, own: string): string | undefined {
  if (!host.includes('.')) return own;
  return /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(host)?.[1];
}

function hasAddress({ cidr = '', except = [] }: Peer, host: string): boolean {
  const single = `${host}/${ipaddr.parse(host).kind() === 'ipv4' ? 32 : 128}`;
  return isInside(single, cidr) && !except.some((block) => isInside(single, block));
}

/** Whether a block has addresses of the ranges that clusters give to pods. */
function hasPrivate(block: string): boolean {
  return privateBlocks.some((each) => isInside(each, block) || isInside(block, each));
}

const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** Whether a block lies in another, or is the same. False for what is none, which has been told. */
function isInside(inner: string, outer: string): boolean {
  if (!ipaddr.isValidCIDR(inner) || !ipaddr.isValidCIDR(outer)) return false;
  const [[address, length], [network, shorter]] = [ipaddr.parseCIDR(inner), ipaddr.parseCIDR(outer)];
  if (length < shorter) return false;
  if (address instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && address.match(network, shorter);
  return address instanceof ipaddr.IPv6 && network instanceof ipaddr.IPv6 && address.match(network, shorter);
}

function networkOf(text: string): string {
  const family = text.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
  return family.networkAddressFromCIDR(text).toString();
}
