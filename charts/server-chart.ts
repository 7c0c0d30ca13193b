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
    const running = new (runtimeOf(server))(this, 'server', server, secretName);
    if (server.monitoring !== undefined) {
      new (monitoring())(running, 'monitoring', server, server.monitoring);
    }
    this.files = {
      'namespace.yaml': new Namespace(this, 'namespace', server),
      'server.yaml': running,
      'sealedsecret.yaml': new SealedSecret(this, 'sealed-secret', server, sealed, secretName),
    };
  }
}

// Loaded only where somebody reads metrics, as a runtime is.
function monitoring() {
  return (require('./monitoring') as typeof import('./monitoring')).Monitoring;
}

// Each runtime is loaded only when a server uses it: the classes of the Kubernetes API cost a tenth of a second.
function runtimeOf({ runtime }: Server) {
  if (runtime === 'plain') return (require('./workload') as typeof import('./workload')).Workload;
  return (require('./release') as typeof import('./release')).Release;
}
