import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { label } from './fields';
import { labelsRule } from './labels';
import { rule } from './schema-problems';

/** A CIDR block in canonical form: host bits must be zero, because others suggest that a different block was meant. */
const cidr = z.string().superRefine((text, context) => {
  const block = ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
  const canonical = block && `${networkOf(text)}/${block[1]}`;
  if (canonical === text) return;
  const found = canonical === undefined ? 'is not a CIDR block' : 'has host bits set, or is not in canonical form';
  rule(context, undefined, found, `write ${canonical ?? 'one such as 10.20.0.0/16'}`);
});

const portForm = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(TCP|UDP|SCTP))?$/;
const port = z
  .union([z.int(), z.string()])
  .transform((given) => portOf(String(given)))
  .refine(({ port, endPort = port }) => port >= 1 && port <= endPort && endPort <= 65_535, {
    message: 'is not a port, such as 443, or a range with its protocol, such as "8000-8100/UDP"',
  });

/** One destination that pods may call: a namespace, or a CIDR block. */
const Peer = z
  .strictObject({
    /** A namespace of the cluster. */
    namespace: label.optional(),
    /**
     * Labels of the pods in that namespace.
     * @default - all its pods
     */
    pods: z
      .record(z.string(), z.string())
      .superRefine((given, context) => labelsRule(given, context))
      .optional(),
    /** Addresses outside the cluster, such as `203.0.113.0/24`; most network plugins do not match pods by address. */
    cidr: cidr.optional(),
    /**
     * Blocks inside `cidr` that pods may not call.
     * @default - none
     */
    except: z.array(cidr).optional(),
    /**
     * Ports of the pods (not of a Service): `443`, `"53/UDP"` or `"8000-8100"`; TCP by default.
     * @default - all ports
     */
    ports: z.array(port).min(1, 'is empty; leave it out for all ports').optional(),
  })
  .superRefine((peer, context) => {
    const { namespace, pods, cidr: block, except = [] } = peer;
    if ((namespace === undefined) === (block === undefined))
      rule(context, undefined, 'must have exactly one of namespace and cidr', 'write one of the two');
    if (pods !== undefined && namespace === undefined)
      rule(context, undefined, 'needs the namespace of those pods', 'add namespace', ['pods']);
    for (const [index, inner] of except.entries()) {
      if (block !== undefined && isInside(inner, block) && inner !== block) continue;
      const found = block === undefined ? 'needs a cidr that contains it' : `is not a smaller block inside ${block}`;
      rule(context, undefined, found, 'write a smaller block inside cidr, or remove it', ['except', String(index)]);
    }
  });

/** The destinations that pods may call in addition to DNS. */
export const egress = z.array(Peer);

/** One destination that pods may call. */
export type Peer = Readonly<z.output<typeof Peer>>;

/** Something that a pod must reach: an address or a name, and its port. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

/**
 * Whether one of the peers may admit a destination, as far as that is known without a lookup: an address by its block, a
 * Service by its namespace or by a block of private addresses, a public name by the port of any block. Rules are additive,
 * so one may admit what another excludes.
 * @param own the namespace of a name without one
 */
export function mayReach(peers: readonly Peer[], { host, port, protocol }: Destination, own: string): boolean {
  const blocks = peers.filter((peer) => peer.cidr !== undefined);
  const admitsPort = ({ ports }: Peer) =>
    ports?.some((each) => each.protocol === protocol && each.port <= port && port <= (each.endPort ?? each.port)) ??
    true;
  if (ipaddr.isValid(host)) return blocks.some((peer) => admitsPort(peer) && hasAddress(peer, host));
  const namespace = namespaceIn(host, own);
  // Rules are about the port of the pods, which may differ from that of the Service.
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

/** Whether a block overlaps the ranges that clusters use for pods. */
function hasPrivate(block: string): boolean {
  return privateBlocks.some((each) => isInside(each, block) || isInside(block, each));
}

const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** Whether a block is inside another, or equal to it. False for an invalid block, which has its own problem. */
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
