import { ApiObject, App } from 'cdk8s';
import { markerOf } from '../model/marker';
import { Problem, Problems } from '../model/problem';
import type { Sealed } from '../model/sealed';
import { sorted } from '../model/sorted';
import type { Server } from '../model/spec';
import { ServerChart } from './server-chart';
import { withoutSubstitution } from './substitution';
import { yamlOf } from './yaml';

/** A Kubernetes object as plain JSON. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [member: string]: unknown;
}

/** The identity of an object in a cluster: group, kind, namespace and name. Group and namespace may be empty. */
export function identityOf({ apiVersion, kind, metadata: { namespace = '', name } }: Manifest): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return [group, kind, namespace, name].join('/');
}

/** One file of a server for the GitOps repository. */
export interface ManifestFile {
  readonly name: string;
  readonly objects: readonly Manifest[];
  readonly text: string;
}

/**
 * Renders the files of a server, in the order they are applied. cdk8s' own writer chooses the file names, leaves stale files
 * behind and takes quadratic time in the number of charts (2.70), so each server has its own app and we write the files.
 * @throws Problems that the constructs report
 */
export function render(server: Server, sealed: Sealed): readonly ManifestFile[] {
  const chart = new ServerChart(new App(), server, sealed);
  const reasons = chart.node.findAll().flatMap(({ node }) => node.validate());
  if (reasons.length > 0) throw new Problems(reasons.map((reason) => invalid(server, reason)));
  const marker = markerOf(server.source, server.platform.tool);
  return Object.entries(chart.files).map(([name, construct]) => {
    const objects: Manifest[] = construct.node
      .findAll()
      .filter(ApiObject.isApiObject)
      .map((object) => inFileOrder(withoutSubstitution(object.toJson())));
    return { name, objects, text: `# ${marker}\n${objects.map(yamlOf).join('---\n')}` };
  });
}

/** Puts the identity first and sorts the rest, whatever environment variables cdk8s reads (2.70). */
function inFileOrder(object: Manifest): Manifest {
  const { apiVersion, kind, metadata, ...rest } = sorted(object);
  return { apiVersion, kind, metadata, ...rest };
}

function invalid({ source }: Server, reason: string): Problem {
  return new Problem('SCHEMA', `Cannot build the objects: ${reason}`, { file: source, fix: 'correct the declaration' });
}
