import { startCluster } from './cluster';
import { proveAdmission } from './story/admission';
import { proveDelivery, theirs } from './story/delivery';
import { proveMove } from './story/move-to-gateway';
import { proveRelease } from './story/release';
import { proveRewrittenImages } from './story/rewritten-images';
import { proveRotation } from './story/rotation';
import { proveRunning } from './story/running';
import { proveRuntimes } from './story/runtimes';
import { proveSealing } from './story/sealing';
import { proveSimulation } from './story/simulation';
import { proveSourceIgnore } from './story/source-ignore';
import { Sources } from './story/sources';
import { proveStores } from './story/stores';
import type { Story } from './story/story';
import { Target } from './story/target';
import { proveFindings } from './story/verify-findings';
import { proveWorker } from './story/worker';

let current: Story | undefined;
const story = (): Story => {
  if (current === undefined) throw new Error('the cluster did not start');
  return current;
};

beforeAll(async () => {
  const cluster = await startCluster();
  const sources = new Sources(cluster.environment);
  current = { cluster, sources, target: new Target({ cluster, sources }, theirs) };
});
afterAll(() => current?.cluster.stop());

// The order matters: the second chapter seals what the third delivers and the later ones run.
describe('admission', () => proveAdmission(story));
describe('sealing', () => proveSealing(story));
describe('delivery', () => proveDelivery(story));
describe('release', () => {
  proveRelease(story);
  proveRuntimes(story);
});
describe('running', () => {
  proveRunning(story);
  proveRotation(story);
  proveWorker(story);
});
describe('verify', () => {
  proveFindings(story);
  proveRewrittenImages(story);
});
describe('simulation', () => {
  proveSimulation(story);
  proveSourceIgnore(story);
});
describe('move to a Gateway', () => proveMove(story));
describe('stores', () => proveStores(story));
