import type { Cluster } from '../cluster';
import type { Sources } from './sources';

/** What the chapters share: one cluster, and one repository with servers whose values are sealed for it. */
export interface Story {
  readonly cluster: Cluster;
  readonly sources: Sources;
}
