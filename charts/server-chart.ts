import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Sealed } from '../model/sealed';
import { secretNameOf } from '../model/secret-name';
import type { Server } from '../model/spec';
import { Namespace } from './namespace';
import { SealedSecret } from './sealed-secret';

/** Everything one server needs in the cluster. Its three children are the three files of the server's folder. */
export class ServerChart extends Chart {
  readonly files: {
    readonly 'namespace.yaml': Construct;
    readonly 'server.yaml': Construct;
    readonly 'sealedsecret.yaml': Construct;
  };

  /** @throws Problems when the declaration's extra values do not fit the chart */
  constructor(scope: Construct, server: Server, sealed: Sealed) {
    // No namespace on the chart: it would be stamped on the Namespace object too.
    super(scope, server.name, { disableResourceNameHashes: true });
    const secretName = secretNameOf(server, sealed);
    const runtime = new (runtimeOf(server))(this, 'server', server, secretName);
    addRoute(runtime, server);
    this.files = {
      'namespace.yaml': new Namespace(this, 'namespace', server),
      'server.yaml': runtime,
      'sealedsecret.yaml': new SealedSecret(this, 'sealed-secret', server, sealed, secretName),
    };
  }
}

function addRoute(runtime: Construct, server: Server): void {
  const { gateway } = server.platform.ways;
  if (!server.isPublic || gateway === undefined) return;
  const { Route } = require('./http-route') as typeof import('./http-route');
  new Route(runtime, 'route', server, gateway);
}

// Each runtime is loaded only when a server uses it: the classes of the Kubernetes API cost a tenth of a second.
function runtimeOf({ runtime }: Server) {
  if (runtime === 'plain') return (require('./workload') as typeof import('./workload')).Workload;
  return (require('./release') as typeof import('./release')).Release;
}
