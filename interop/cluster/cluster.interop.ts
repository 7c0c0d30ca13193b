import { startCluster } from './cluster';
import { proveAdmission } from './story/admission';
import { proveDelivery } from './story/delivery';
import { proveIgnoring } from './story/ignoring';
import { proveSealing } from './story/sealing';
import { proveSimulation } from './story/simulation';
import { Sources } from './story/sources';
import type { Story } from './story/story';

let told: Story | undefined;
const story = (): Story => {
  if (told === undefined) throw new Error('there is no cluster');
  return told;
};

beforeAll(async () => {
  const cluster = await startCluster();
  told = { cluster, sources: new Sources(cluster.environment) };
});
afterAll(() => told?.cluster.end());

// In this order: what is sealed in the second is delivered in the third.
describe('admission', () => proveAdmission(story));
describe('sealing', () => proveSealing(story));
describe('delivery', () => proveDelivery(story));
describe('simulation', () => {
  proveSimulation(story);
  proveIgnoring(story);
});
