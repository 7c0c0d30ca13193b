import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, platformFrom } from '../../model/platform';
import { platformClashes } from '../../model/platforms';
import { Problem, Problems, stopOnErrors } from '../../model/problem';
import { platformFacts } from '../rules/platform-facts';
import { checkDates, readCertificate, readPem } from '../seal/certificate';
import { declarationText, type NewFiles, nameTaken, templateText } from './files';
import { problemsAfterAdding } from './new-problems';
import { presets, waysFrom } from './ways';

/** A fact of a platform: its path in the declaration, what it is, and its default. */
interface Fact {
  readonly type: 'string';
  readonly at: string;
  readonly what: string;
  /**
   * The default value, in which `<zone>` is the zone; `-` for an optional fact. Not called `default`, which parseArgs would
   * apply. @default - the fact is required
   */
  readonly usual?: string;
}

/** Every fact by its flag, as options for parseArgs, in the order of the questions. */
export const facts = {
  registry: { type: 'string', at: 'registry', what: 'registry of the images, such as registry.example.com' },
  zone: { type: 'string', at: 'dns.zone', what: 'public DNS zone, such as example.com' },
  'gitops-repository': { type: 'string', at: 'gitops.repository', what: 'name of the repository that Flux reads' },
  'dns-repository': { type: 'string', at: 'dns.repository', what: 'name of the repository with the DNS workspace' },
  'dns-none': { type: 'string', at: 'dns.none', what: 'instead of our records: wildcard or external-dns', usual: '-' },
  'ingress-address': { type: 'string', at: 'ways.ingress.address', what: 'host that public records point to' },
  gateway: {
    type: 'string',
    at: 'ways.gateway.parentRefs',
    what: 'Gateway to attach to, <namespace>/<name>/<listener>',
    usual: '-',
  },
  'gateway-address': { type: 'string', at: 'ways.gateway.address', what: 'host that its records point to', usual: '-' },
  'gateway-namespace': { type: 'string', at: 'ways.gateway.namespace', what: 'namespace of its pods', usual: '-' },
  'apps-path': { type: 'string', at: 'gitops.appsPath', what: 'folder that Flux applies', usual: 'apps/mcp' },
  workspace: { type: 'string', at: 'dns.workspace', what: 'folder of the DNS workspace', usual: 'confirm-workspace' },
  'zone-id': { type: 'string', at: 'dns.zoneId', what: 'Terraform expression', usual: 'local.confirm-zone-id' },
  'record-type': { type: 'string', at: 'dns.resourceType', what: 'Terraform type', usual: 'cloudflare_dns_record' },
  'ingress-class': { type: 'string', at: 'ways.ingress.className', what: 'ingress class', usual: 'nginx' },
  'ingress-namespace': {
    type: 'string',
    at: 'ways.ingress.namespace',
    what: 'namespace of the controller',
    usual: 'ingress-nginx',
  },
  'engine-namespace': { type: 'string', at: 'engine.namespace', what: 'namespace of the engine', usual: 'arcade' },
  'monitoring-namespace': { type: 'string', at: 'monitoring.namespace', what: 'namespace of Prometheus', usual: '-' },
  'monitoring-release': { type: 'string', at: 'monitoring.labels.release', what: 'its label release', usual: '-' },
  secrets: { type: 'string', at: 'secrets.kind', what: 'sealed, external or existing', usual: '-' },
  'secret-store': { type: 'string', at: 'secrets.store.name', what: 'name of the ClusterSecretStore', usual: '-' },
  'secret-store-kind': { type: 'string', at: 'secrets.store.kind', what: 'kind of the store', usual: '-' },
  'secret-key': { type: 'string', at: 'secrets.key', what: 'entry, such as mcp/{server}/{name}', usual: '-' },
  'secret-property': {
    type: 'string',
    at: 'secrets.property',
    what: 'member of the entry, such as {name}',
    usual: '-',
  },
  'secret-refresh': { type: 'string', at: 'secrets.refresh', what: 'interval of reading it, such as 1h', usual: '-' },
  'secret-name': { type: 'string', at: 'secrets.name', what: 'name of the existing Secret, with {server}', usual: '-' },
  'annotation-domain': { type: 'string', at: 'annotationDomain', what: 'domain of annotations', usual: 'mcp.<zone>' },
  project: { type: 'string', at: 'project', what: 'label part-of', usual: 'mcp-servers' },
  tool: { type: 'string', at: 'tool', what: 'label managed-by', usual: 'mcp-servers' },
  'chart-name': { type: 'string', at: 'chart.name', what: 'private chart of the st-app runtime', usual: '-' },
  'chart-version': { type: 'string', at: 'chart.version', what: 'its exact version', usual: '-' },
  'chart-source-kind': { type: 'string', at: 'chart.source.kind', what: 'such as HelmRepository', usual: '-' },
  'chart-source-name': { type: 'string', at: 'chart.source.name', what: 'name of its source', usual: '-' },
  'chart-source-namespace': { type: 'string', at: 'chart.source.namespace', what: 'its namespace', usual: '-' },
} as const satisfies Record<string, Fact>;

// Object.entries widens the keys to strings.
const entries = Object.entries(facts) as [keyof typeof facts, Fact][];

/** Facts by flag. */
export type GivenFacts = Partial<Record<keyof typeof facts, string | undefined>>;

/**
 * Completes the given facts with their defaults. If a required fact is missing, `ask` is called for every fact not given.
 * @param ask resolves with the answer, or with the default. @default - required facts stay missing
 */
export async function allFacts(given: GivenFacts, ask?: (question: string, usual?: string) => Promise<string>) {
  const open = entries.filter(([flag]) => given[flag] === undefined);
  const isMissing = open.some(([flag]) => defaultOf(flag, given) === undefined);
  const found: GivenFacts = { ...given };
  for (const [flag, { what }] of open) {
    const value = defaultOf(flag, found);
    if (value === '-') continue;
    found[flag] = isMissing && ask !== undefined ? await ask(`${flag} (${what})`, value) : value;
  }
  return found;
}

/** The default of a fact, given the known ones; `-` for an optional fact. */
function defaultOf(flag: keyof typeof facts, given: GivenFacts): string | undefined {
  const { usual }: Fact = facts[flag];
  const hasGateway = given.gateway !== undefined || given['gateway-address'] !== undefined;
  // A platform with a Gateway needs no ingress.
  const hasIngress = entries.some(([name]) => name.startsWith('ingress-') && given[name] !== undefined);
  if (flag.startsWith('ingress-') && hasGateway && !hasIngress) return '-';
  // Without our own records there is no DNS workspace.
  if (given['dns-none'] !== undefined && /^dns\.(?!zone$)/.test(facts[flag].at)) return '-';
  if (flag === 'ingress-namespace') return presets[given['ingress-class'] ?? '']?.namespace ?? usual;
  if (!flag.startsWith('gateway') || !hasGateway) return usual?.replace('<zone>', given.zone ?? 'example.com');
  return flag === 'gateway-namespace' ? given.gateway?.split('/')[0] : undefined;
}

/** The context of a new platform. */
export interface PlatformContext {
  /** The existing platforms. @default - none */
  readonly others?: readonly Platform[];
  /** The file of the cluster's certificate. @default - the sample, which deliver refuses */
  readonly pem?: string | undefined;
  readonly now: Date;
}

/**
 * Builds a new platform and its files: the declaration and the pinned certificate. Writes nothing.
 * @throws Problems of all facts, of the certificate, or of the servers that would run on the platform
 */
export function newPlatform(
  root: string,
  name: string,
  given: GivenFacts,
  { others = [], pem, now }: PlatformContext,
): { readonly platform: Platform; readonly files: NewFiles } {
  const pinned = given.secrets === undefined || given.secrets === 'sealed' ? pinnedIn(root, name, pem) : undefined;
  const ways = waysFrom(entryOf(given, 'ways.'), given);
  const platform = platformFrom(name, { ...entryOf(given), ways, ...pinned?.field }, others.length === 0);
  const unused = pinned === undefined && pem !== undefined ? [withoutCertificate] : [];
  if (!('name' in platform)) throw new Problems([...platform.map((each) => byFlag(each, given)), ...unused]);
  stopOnErrors([...unused, ...(pinned === undefined ? [] : checkDates(pinned.certificate, pem ?? pinned.file, now))]);
  if (others.some((other) => other.name === name)) throw nameTaken(platform.source);
  const about = [...platformFacts(platform), ...platformClashes([...others, platform])];
  stopOnErrors(about.filter(({ level }) => level === 'error').map((each) => byFlag(each, given)));
  stopOnErrors(problemsAfterAdding(root, platform, others));
  const { name: _, flag, source, retiredCertificates, secrets, ...entry } = platform;
  const elsewhere = secrets.kind === 'sealed' ? {} : { secrets };
  const declaration = [source, declarationText(root, source, 'platform', { ...entry, ...elsewhere })] as const;
  return { platform, files: new Map([declaration, ...(pinned === undefined ? [] : missingFile(root, pinned))]) };
}

/** The certificate to pin, the given one or the sample, with its file in the repository. */
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

/** The certificate file to write; none if it exists, as the sample may. */
function missingFile(root: string, { file, certificate: { pem } }: ReturnType<typeof pinnedIn>) {
  const path = join(root, file);
  return existsSync(path) && readFileSync(path, 'utf8') === pem ? [] : [[file, pem] as const];
}

const withoutCertificate = new Problem('USAGE', 'Cannot use --certificate: nothing is sealed for this platform', {
  fix: 'omit it, or omit --secrets to seal values with this certificate',
});

/** Nests the given facts: `{ zone: 'example.com' }` becomes `{ dns: { zone: 'example.com' } }`. */
function entryOf(given: GivenFacts, above = ''): object {
  const below = entries.filter(([flag, { at }]) => given[flag] !== undefined && at.startsWith(above));
  const fields = below.map(([flag, { at }]) => {
    const [field = '', ...rest] = at.slice(above.length).split('.');
    return [field, rest.length === 0 ? given[flag] : entryOf(given, `${above}${field}.`)];
  });
  return Object.fromEntries(fields);
}

/** Replaces the fix for a field by the flags that set it: there is no file to edit yet. A fact not given is missing. */
function byFlag({ code, message, path = '' }: Problem, given: GivenFacts): Problem {
  if (path === 'name') return new Problem('NAME', message, { fix: 'choose another name' });
  const flags = entries.filter(([, { at }]) => `${at}.`.startsWith(`${path}.`) || path.startsWith(`${at}.`));
  const fix = flags.map(([flag, { what }]) => `--${flag} <${what}>`).join(' ') || path;
  const [first] = flags;
  const isMissing = code === 'PLATFORM-FIELD' && flags.every(([flag]) => given[flag] === undefined);
  if (first === undefined || !isMissing) return new Problem(code, message, { fix });
  return new Problem(code, `Cannot create the platform: ${first[0]} is missing`, { fix });
}
