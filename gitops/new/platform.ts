import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, platformFrom } from '../../model/platform';
import { platformClashes } from '../../model/platforms';
import { Problem, Problems, stopOnErrors } from '../../model/problem';
import { platformFacts } from '../rules/platform-facts';
import { checkDates, readCertificate, readPem } from '../seal/certificate';
import { declarationText, type NewFiles, nameTaken, templateText } from './files';
import { foreseenOn } from './foreseen';
import { presets, waysFrom } from './ways';

/** A fact of a platform: where it is in the declaration, what it is, and its value unless another is given. */
interface Fact {
  readonly type: 'string';
  readonly at: string;
  readonly what: string;
  /** `<zone>` in it is the zone, `-` means that a platform can do without. @default - it has to be given */
  readonly usual?: string;
}

/** Every fact by the flag that gives it, as parseArgs takes it, in the order in which a person is asked. */
export const facts = {
  registry: { type: 'string', at: 'registry', what: 'registry of the images, such as registry.example.com' },
  zone: { type: 'string', at: 'dns.zone', what: 'public DNS zone, such as example.com' },
  'gitops-repository': { type: 'string', at: 'gitops.repository', what: 'name of the repository that Flux reads' },
  'dns-repository': { type: 'string', at: 'dns.repository', what: 'name of the repository with the DNS workspace' },
  'dns-none': { type: 'string', at: 'dns.none', what: 'in its place: wildcard or external-dns', usual: '-' },
  'ingress-address': { type: 'string', at: 'ways.ingress.address', what: 'host that public records point to' },
  gateway: {
    type: 'string',
    at: 'ways.gateway.parentRefs',
    what: 'Gateway to join, <namespace>/<name>/<listener>',
    usual: '-',
  },
  'gateway-address': { type: 'string', at: 'ways.gateway.address', what: 'host that its records point to', usual: '-' },
  'gateway-namespace': { type: 'string', at: 'ways.gateway.namespace', what: 'of the pods behind it', usual: '-' },
  'apps-path': { type: 'string', at: 'gitops.appsPath', what: 'folder that Flux applies', usual: 'apps/mcp' },
  workspace: { type: 'string', at: 'dns.workspace', what: 'folder of the DNS workspace', usual: 'confirm-workspace' },
  'zone-id': { type: 'string', at: 'dns.zoneId', what: 'Terraform for its id', usual: 'local.confirm-zone-id' },
  'record-type': { type: 'string', at: 'dns.resourceType', what: 'Terraform record', usual: 'cloudflare_dns_record' },
  'ingress-class': { type: 'string', at: 'ways.ingress.className', what: 'ingress class', usual: 'nginx' },
  'ingress-namespace': {
    type: 'string',
    at: 'ways.ingress.namespace',
    what: 'of the controller',
    usual: 'ingress-nginx',
  },
  'engine-namespace': { type: 'string', at: 'engine.namespace', what: 'of the Arcade engine', usual: 'arcade' },
  'monitoring-namespace': { type: 'string', at: 'monitoring.namespace', what: 'of Prometheus', usual: '-' },
  'monitoring-release': { type: 'string', at: 'monitoring.labels.release', what: 'label it selects by', usual: '-' },
  secrets: { type: 'string', at: 'secrets.kind', what: 'sealed, external or existing', usual: '-' },
  'secret-store': { type: 'string', at: 'secrets.store.name', what: 'name of the ClusterSecretStore', usual: '-' },
  'secret-store-kind': { type: 'string', at: 'secrets.store.kind', what: 'SecretStore, if it is one', usual: '-' },
  'secret-key': { type: 'string', at: 'secrets.key', what: 'entry, such as mcp/{server}/{name}', usual: '-' },
  'secret-property': {
    type: 'string',
    at: 'secrets.property',
    what: 'member of the entry, such as {name}',
    usual: '-',
  },
  'secret-refresh': { type: 'string', at: 'secrets.refresh', what: 'how often it is read, such as 1h', usual: '-' },
  'secret-name': { type: 'string', at: 'secrets.name', what: 'of the existing Secret, with {server}', usual: '-' },
  'annotation-domain': { type: 'string', at: 'annotationDomain', what: 'of our annotations', usual: 'mcp.<zone>' },
  project: { type: 'string', at: 'project', what: 'label part-of', usual: 'mcp-servers' },
  tool: { type: 'string', at: 'tool', what: 'label managed-by', usual: 'mcp-servers' },
  'chart-name': { type: 'string', at: 'chart.name', what: 'private chart of the st-app runtime', usual: '-' },
  'chart-version': { type: 'string', at: 'chart.version', what: 'its exact version', usual: '-' },
  'chart-source-kind': { type: 'string', at: 'chart.source.kind', what: 'such as HelmRepository', usual: '-' },
  'chart-source-name': { type: 'string', at: 'chart.source.name', what: 'name of the source', usual: '-' },
  'chart-source-namespace': { type: 'string', at: 'chart.source.namespace', what: 'and its namespace', usual: '-' },
} as const satisfies Record<string, Fact>;

// Object.entries widens the keys; these are all there are.
const entries = Object.entries(facts) as [keyof typeof facts, Fact][];

/** Facts by flag. */
export type GivenFacts = Partial<Record<keyof typeof facts, string | undefined>>;

/**
 * The facts that are given, and the usual ones. A person is asked for the others as long as one is missing that has to be
 * given.
 * @param ask resolves with the answer, or with the usual value. @default - nobody can answer
 */
export async function allFacts(given: GivenFacts, ask?: (question: string, usual?: string) => Promise<string>) {
  const open = entries.filter(([flag]) => given[flag] === undefined);
  const isMissing = open.some(([flag]) => usualOf(flag, given) === undefined);
  const found: GivenFacts = { ...given };
  for (const [flag, { what }] of open) {
    const value = usualOf(flag, found);
    if (value === '-') continue;
    found[flag] = isMissing && ask !== undefined ? await ask(`${flag} (${what})`, value) : value;
  }
  return found;
}

/** The usual value of a fact beside those that are known; `-` for one that the platform can do without. */
function usualOf(flag: keyof typeof facts, given: GivenFacts): string | undefined {
  const { usual }: Fact = facts[flag];
  const hasGateway = given.gateway !== undefined || given['gateway-address'] !== undefined;
  // A Gateway alone is enough: nothing of an ingress is asked then.
  const hasIngress = entries.some(([name]) => name.startsWith('ingress-') && given[name] !== undefined);
  if (flag.startsWith('ingress-') && hasGateway && !hasIngress) return '-';
  // Where something else gives the names there is no workspace to ask for.
  if (given['dns-none'] !== undefined && /^dns\.(?!zone$)/.test(facts[flag].at)) return '-';
  if (flag === 'ingress-namespace') return presets[given['ingress-class'] ?? '']?.namespace ?? usual;
  if (!flag.startsWith('gateway') || !hasGateway) return usual?.replace('<zone>', given.zone ?? 'example.com');
  return flag === 'gateway-namespace' ? given.gateway?.split('/')[0] : undefined;
}

/** What a new platform comes to stand beside. */
export interface PlatformSurroundings {
  /** The platforms that are there already. @default - none */
  readonly others?: readonly Platform[];
  /** The file of the cluster's certificate. @default - the sample, under which nothing may be delivered */
  readonly pem?: string | undefined;
  readonly now: Date;
}

/**
 * A new platform and its files: its declaration and the certificate that it pins. Decides; writes nothing.
 * @throws Problems everything that is wrong with the facts, the problem of the certificate, or what is wrong on the
 *   platform with servers that would run there
 */
export function newPlatform(
  root: string,
  name: string,
  given: GivenFacts,
  { others = [], pem, now }: PlatformSurroundings,
): { readonly platform: Platform; readonly files: NewFiles } {
  const pinned = given.secrets === undefined || given.secrets === 'sealed' ? pinnedIn(root, name, pem) : undefined;
  const ways = waysFrom(entryOf(given, 'ways.'), given);
  const platform = platformFrom(name, { ...entryOf(given), ways, ...pinned?.field }, others.length === 0);
  const unused = pinned === undefined && pem !== undefined ? [withoutCertificate] : [];
  if (!('name' in platform)) throw new Problems([...platform.map(byFlag), ...unused]);
  stopOnErrors([...unused, ...(pinned === undefined ? [] : checkDates(pinned.certificate, pem ?? pinned.file, now))]);
  if (others.some((other) => other.name === name)) throw nameTaken(platform.source);
  const about = [...platformFacts(platform), ...platformClashes([...others, platform])];
  stopOnErrors(about.filter(({ level }) => level === 'error').map(byFlag));
  stopOnErrors(foreseenOn(root, platform, others));
  const { name: _, flag, source, retiredCertificates, secrets, ...entry } = platform;
  const elsewhere = secrets.kind === 'sealed' ? {} : { secrets };
  const declaration = [source, declarationText(root, source, 'platform', { ...entry, ...elsewhere })] as const;
  return { platform, files: new Map([declaration, ...(pinned === undefined ? [] : missingFile(root, pinned))]) };
}

/** The certificate that a platform pins: the given one, or the sample, with the file that it goes to. */
function pinnedIn(root: string, name: string, pem: string | undefined) {
  const file = `platforms/certificates/${pem === undefined ? 'sample' : name}.pem`;
  const text = pem === undefined ? templateText(root, 'sample.pem') : readPem(pem, pem, 'name a PEM file');
  const certificate = readCertificate(text, pem ?? file);
  return {
    file,
    certificate,
    field: { certificate: { file, sha256: certificate.sha256, isSample: pem === undefined } },
  };
}

/** The file of a certificate, unless it is there already, as the sample may be. */
function missingFile(root: string, { file, certificate: { pem } }: ReturnType<typeof pinnedIn>) {
  const path = join(root, file);
  return existsSync(path) && readFileSync(path, 'utf8') === pem ? [] : [[file, pem] as const];
}

const withoutCertificate = new Problem('USAGE', 'Cannot use --certificate: nothing is sealed for this platform', {
  fix: 'leave it out; or leave out --secrets, and values are sealed under it',
});

/** `{ zone: 'example.com' }` as `{ dns: { zone: 'example.com' } }`; what is not given is left out. */
function entryOf(given: GivenFacts, above = ''): object {
  const below = entries.filter(([flag, { at }]) => given[flag] !== undefined && at.startsWith(above));
  const fields = below.map(([flag, { at }]) => {
    const [field = '', ...rest] = at.slice(above.length).split('.');
    return [field, rest.length === 0 ? given[flag] : entryOf(given, `${above}${field}.`)];
  });
  return Object.fromEntries(fields);
}

/** A problem of a field, with the flags that give it; the file is not there yet. */
function byFlag({ code, message, path = '' }: Problem): Problem {
  if (path === 'name') return new Problem('NAME', message, { fix: 'choose another name' });
  const flags = entries.filter(([, { at }]) => `${at}.`.startsWith(`${path}.`) || path.startsWith(`${at}.`));
  return new Problem(code, message, { fix: flags.map(([flag, { what }]) => `--${flag} <${what}>`).join(' ') || path });
}
