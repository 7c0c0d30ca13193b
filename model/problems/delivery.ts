/** Problems of the committed output, the target repositories, Flux and the forge. */
export const ofDeliveries = {
  'DIST-STALE': {
    means: '`dist/` is not up to date with its sources',
    fix: '`npm run synth`, and commit it together with the change; if `dist/` was edited by hand, make the change in `servers/` or `platforms/` instead: synth overwrites it',
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
    means: 'git cannot work in the target',
    fix: 'fix the cause in the message',
  },
  'TARGET-PATH': {
    means: 'the target is not a checkout, or one of another repository',
    fix: 'name a checkout of the target repository',
  },
  'TARGET-BRANCH': {
    means:
      'a warning: the checkout is on the branch of an earlier delivery, and the next commit would be added to it; an error: a branch is named like the prefix of our branches',
    fix: 'switch to the main branch there; rename the other branch',
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
    means: 'writing stopped halfway',
    fix: 'run the same command again; it writes the rest',
  },
  'NOT-OURS': {
    means: 'an existing file without our marker would be overwritten',
    fix: 'move it, or choose another name for the server',
  },
  'HAND-EDITED': {
    means: 'a delivered file was edited in the target',
    fix: 'copy the edit into the sources, or drop it with `--discard <path>`',
  },
  'HISTORY-MISSING': {
    means:
      'a file was delivered before markers had a hash, and the history that would show an edit is missing, as in a shallow clone',
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
    means: "a warning: a server's Secret now comes from another source, and new pods wait until it exists",
    fix: 'create the entries in the message, then merge',
  },
  'RECORD-REPLACED': {
    means: 'a warning: Terraform destroys a record, and may create another',
    fix: 'write `record: { movedFrom }` if the message says so; otherwise choose a quiet time, or undo the change',
  },
  'REPLICAS-RESET': {
    means: 'a warning: a fixed number of pods becomes a range, and Kubernetes runs 1 pod until the autoscaler acts',
    fix: 'run the command in the message before merging; with `st-app`, choose a quiet time',
  },
  'ADDRESS-CHANGED': {
    means: 'a warning: the host or the exposure of a server changes, but callers have the old address',
    fix: '`npm run register` once it is live, and tell MCP clients',
  },
  'WAY-CHANGED': {
    means:
      'a warning: a server gains or loses a way in while its record moves, or loses one that its name may still point to',
    fix: 'add a way, move the record, and remove the other way, each in its own delivery; docs/platforms.md has the steps',
  },
  'FLUX-BUILD': {
    means: 'Flux cannot build a folder in the target, which blocks every app',
    fix: 'fix that folder first',
  },
  'FLUX-UNREAD': {
    means: 'a warning: a parent kustomization does not include our files, or removes their objects',
    fix: 'add our folder there',
  },
  'FLUX-TRANSFORM': {
    means: 'a parent kustomization would rename or move a SealedSecret, so that it could not be decrypted or found',
    fix: 'exclude our folder from that prefix, suffix or namespace',
  },
  'FLUX-UNCHECKED': {
    means:
      'the target cannot be built as Flux does: kubectl, kustomize and flux are all missing, or a kustomization fetches remote files; an error with `--commit` in CI, otherwise a warning',
    fix: 'install kubectl; check the remote files',
  },
  'FORGE-TOKEN': {
    means: 'a workflow has no token for a repository, or the token lacks a permission',
    fix: 'set the secret in the message, with that permission',
  },
  'FORGE-ANSWER': {
    means:
      'the forge cannot be reached or answers unexpectedly, such as with a redirect (301) to the new name of a repository',
    fix: 'fix the cause in the message, such as the name of the repository',
  },
  'FORGE-BRANCH': {
    means: 'the branch of a pull request has other commits, or the forge rejects the push',
    fix: 'run the command again; merge or close the pull request if it has other commits',
  },
} as const;
