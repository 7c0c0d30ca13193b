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

/** What makes two objects the same one in a cluster: group, kind, namespace and name; the first and third may be empty. */
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
 * A server → its files, in the order they are applied.
 * cdk8s' own writing chooses the names, leaves stale files behind and takes quadratic time in the number of charts
 * (2.70), so each server gets an app of its own and our own writer.
 * @throws Problems for what the constructs refuse
 */
export function render(server: Server, sealed: Sealed): readonly ManifestFile[] {
  const chart = new ServerChart(new App(), server, sealed);
  const refused = chart.node.findAll().flatMap(({ node }) => node.validate());
  if (refused.length > 0) throw new Problems(refused.map((reason) => invalid(server, reason)));
  const marker = markerOf(server.source, server.platform.tool);
  return Object.entries(chart.files).map(([name, construct]) => {
    const objects: Manifest[] = construct.node
      .findAll()
      .filter(ApiObject.isApiObject)
      .map((object) => inFileOrder(withoutSubstitution(object.toJson())));
    return { name, objects, text: `# ${marker}\n${objects.map(yamlOf).join('---\n')}` };
  });
}

/** What an object is, then what it says; the order does not depend on the variables that cdk8s reads (2.70). */
function inFileOrder(object: Manifest): Manifest {
  const { apiVersion, kind, metadata, ...rest } = sorted(object);
  return { apiVersion, kind, metadata, ...rest };
}

function invalid({ source }: Server, reason: string): Problem {
  return new Problem('SCHEMA', `Cannot build the objects: ${reason}`, { file: source, fix: 'correct the declaration' });
}
