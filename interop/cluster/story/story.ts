import type { Cluster } from '../cluster';
import type { Sources } from './sources';
import type { Target } from './target';

/** What the chapters share: a cluster, a source repository with values sealed for it, and the repository it delivers to. */
export interface Story {
  readonly cluster: Cluster;
  readonly sources: Sources;
  readonly target: Target;
}
