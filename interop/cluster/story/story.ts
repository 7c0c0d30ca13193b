import type { Cluster } from '../cluster';
import type { Sources } from './sources';
import type { Target } from './target';

/** What the chapters share: one cluster, one repository with servers whose values are sealed for it, and where they go. */
export interface Story {
  readonly cluster: Cluster;
  readonly sources: Sources;
  readonly target: Target;
}
