import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Sealed } from '../model/sealed';
import { secretNameOf } from '../model/secret-name';
import type { Server } from '../model/spec';
import { ExternalSecret } from './external-secret';
import { Namespace } from './namespace';
import { SealedSecret } from './sealed-secret';

/** Everything one server needs in the cluster. Its children are the files of the server's folder, three at most. */
export class ServerChart extends Chart {
  readonly files: Readonly<Record<'namespace.yaml' | 'server.yaml', Construct>> & Readonly<Record<string, Construct>>;

  /** @throws Problems when the declaration's extra values do not fit the chart */
  constructor(scope: Construct, server: Server, sealed: Sealed) {
    // No namespace on the chart: cdk8s would set it on the Namespace object too.
    super(scope, server.name, { disableResourceNameHashes: true });
    const secretName = secretNameOf(server, sealed);
    const runtime = new (runtimeOf(server))(this, 'server', server, secretName);
    addRoute(runtime, server);
    addMonitoring(runtime, server);
    this.files = {
      'namespace.yaml': new Namespace(this, 'namespace', server),
      'server.yaml': runtime,
      ...secretFile(this, server, sealed, secretName),
    };
  }
}

function addRoute(runtime: Construct, server: Server): void {
  const { gateway } = server.platform.ways;
  if (!server.isPublic || gateway === undefined) return;
  const { Route } = require('./http-route') as typeof import('./http-route');
  new Route(runtime, 'route', server, gateway);
}

/** The file that creates the Secret of a server; none for an existing Secret. */
function secretFile(chart: Chart, server: Server, sealed: Sealed, name: string): Readonly<Record<string, Construct>> {
  const { secrets } = server.platform;
  switch (secrets.kind) {
    case 'sealed':
      return { 'sealedsecret.yaml': new SealedSecret(chart, 'sealed-secret', server, sealed, name) };
    case 'external':
      return { 'externalsecret.yaml': new ExternalSecret(chart, 'external-secret', server, secrets, name) };
    case 'existing':
      return {};
  }
}

function addMonitoring(runtime: Construct, server: Server): void {
  if (server.monitoring === undefined) return;
  const { Monitoring } = require('./monitoring') as typeof import('./monitoring');
  new Monitoring(runtime, 'monitoring', server, server.monitoring);
}

// Loaded on demand: the classes of the Kubernetes API take a tenth of a second.
function runtimeOf({ runtime }: Server) {
  if (runtime === 'plain') return (require('./workload') as typeof import('./workload')).Workload;
  return (require('./release') as typeof import('./release')).Release;
}
