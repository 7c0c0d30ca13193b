/** The committed output, the target repositories, what Flux makes of them, and the forge. */
export const ofDeliveries = {
  'DIST-STALE': {
    means: '`dist/` is not what the sources say',
    fix: '`npm run synth`, and commit it with its cause',
  },
  'DIST-WRITE': {
    means: '`dist/` cannot be written; the old one is unchanged',
    fix: 'free disk space, check permissions, then run the command again',
  },
  'DIST-UNCOMMITTED': {
    means: '`dist/` has uncommitted changes: an error with `--commit`, otherwise a warning',
    fix: 'commit here first',
  },
  'TARGET-GIT': {
    means: 'git cannot work in the target now',
    fix: 'read the message: it says what was found',
  },
  'TARGET-PATH': {
    means: 'the target is not a checkout, or one of another repository',
    fix: 'name a checkout of the target repository',
  },
  'TARGET-BRANCH': {
    means:
      'a warning: the checkout is on the branch of an earlier delivery, and the next commit would follow it; an error: a branch has the name that all of our branches start with',
    fix: 'switch to the main branch there; rename that branch',
  },
  'TARGET-DIRTY': {
    means: 'a file that would change has uncommitted changes',
    fix: 'commit or stash them there',
  },
  'TARGET-IGNORED': {
    means: 'git ignores a file that would be delivered',
    fix: 'change the `.gitignore` there, or the path in `platforms/<cluster>.ts`',
  },
  'TARGET-WRITE': {
    means: 'writing stopped in the middle',
    fix: 'run the same command again: it does the rest',
  },
  'NOT-OURS': {
    means: 'a file without our marker is in the way',
    fix: 'move it, or choose another name for the server',
  },
  'HAND-EDITED': {
    means: 'somebody edited a delivered file in the target',
    fix: 'copy the edit into the sources, or drop it with `--discard <path>`',
  },
  'HISTORY-MISSING': {
    means:
      'a file was delivered before markers contained a hash, and the history that would show an edit is missing, as in a clone of depth 1',
    fix: '`git fetch --unshallow`',
  },
  'NAMESPACE-REMOVED': {
    means: 'Flux would delete a namespace with everything in it',
    fix: 'confirm it with `--remove-namespace <name>`',
  },
  'RELEASE-REPLACED': {
    means: 'a warning: a release is deleted and created again, or replaces objects that are deleted first',
    fix: 'choose a time when the server may be down, or undo the change',
  },
  'SECRET-MOVED': {
    means: 'a warning: the Secret of a server comes from another place than before, and new pods wait until it exists',
    fix: 'create the entries in the message, then merge',
  },
  'RECORD-REPLACED': {
    means: 'a warning: Terraform destroys a record, and perhaps creates another',
    fix: 'write `record: { movedFrom }` where the message says so; otherwise choose a time, or undo the change',
  },
  'REPLICAS-RESET': {
    means: 'a warning: a fixed number of pods becomes a range, and Kubernetes runs 1 pod until the autoscaler acts',
    fix: 'run the command in the message before the merge; with `st-app`, choose a quiet time',
  },
  'ADDRESS-CHANGED': {
    means: 'a warning: the host or the exposure of a server changes, and callers have the old address',
    fix: '`npm run register` once it is live, and tell MCP clients',
  },
  'WAY-CHANGED': {
    means:
      'a warning: a server gets or loses a way in while its record moves, or loses one that its name may still lead to',
    fix: 'add a way, let the record follow, and remove the other, each in its own delivery; docs/platforms.md has the steps',
  },
  'FLUX-BUILD': {
    means: 'Flux cannot build a folder in the target, and with it no app',
    fix: 'fix that folder first',
  },
  'FLUX-UNREAD': {
    means: 'a warning: a kustomization above does not include our files, or removes their objects',
    fix: 'add our folder there',
  },
  'FLUX-TRANSFORM': {
    means: 'a kustomization above would rename or move a SealedSecret, so that it could not be decrypted or found',
    fix: 'exclude our folder from that prefix, suffix or namespace',
  },
  'FLUX-UNCHECKED': {
    means:
      'it is unknown what Flux makes of the target: kubectl, kustomize and flux are all missing, or something is fetched from elsewhere; an error with `--commit` in CI, otherwise a warning',
    fix: 'install kubectl; check what is fetched',
  },
  'FORGE-TOKEN': {
    means: 'a workflow has no token for a repository, or the token lacks a permission',
    fix: 'set the secret in the message, with that permission',
  },
  'FORGE-ANSWER': {
    means:
      'the forge cannot be reached or answers something unexpected, such as a redirect (301) to the new name of a repository',
    fix: 'read the message; write the new name',
  },
  'FORGE-BRANCH': {
    means: 'somebody else changed the branch of a pull request, or the forge refuses the push',
    fix: 'run the command again; merge or close the pull request if somebody committed to it',
  },
} as const;
