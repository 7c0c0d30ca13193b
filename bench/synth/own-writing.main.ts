import { App, Chart } from 'cdk8s';
import { Namespace } from '../../charts/namespace';
import { Release } from '../../charts/release';
import { SealedSecret } from '../../charts/sealed-secret';
import { root } from '../../cli/root';
import { readPlatforms } from '../../model/platforms';
import { secretNameOf } from '../../model/secret-name';
import { readSealedOf, readServers } from '../../model/servers';

// Writes the same three files per server with cdk8s itself, which writes one file per chart.
const app = new App();
for (const server of readServers(root, readPlatforms(root)).servers) {
  const { sealed } = readSealedOf(server, root);
  const secretName = secretNameOf(server, sealed);
  new Namespace(new Chart(app, `${server.name}-namespace`), 'object', server);
  new Release(new Chart(app, `${server.name}-server`), 'object', server, secretName);
  new SealedSecret(new Chart(app, `${server.name}-sealedsecret`), 'object', server, sealed, secretName);
}
app.synth();
