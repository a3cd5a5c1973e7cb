// What the nearest neighbors of a query say about its class: the class that most of
// the k nearest have. Of classes with as many, the one whose neighbors are more
// similar in sum; and of those, the one whose first neighbor is nearer.

/** A query's neighbors, the nearest first. */
export interface Neighbors {
  readonly similarities: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/** The class that the first k neighbors vote for. */
export function majority(
  { similarities, labels }: Neighbors,
  k: number,
): number {
  const votes = new Map<number, { count: number; similarity: number }>();
  for (let i = 0; i < k; i++) {
    const label = labels[i]!;
    const vote = votes.get(label) ?? { count: 0, similarity: 0 };
    vote.count++;
    vote.similarity += similarities[i]!;
    votes.set(label, vote);
  }
  let [best] = votes.keys();
  for (const [label, { count, similarity }] of votes) {
    const leading = votes.get(best!)!;
    const wins = count > leading.count ||
      count === leading.count && similarity > leading.similarity;
    if (wins) best = label;
  }
  return best!;
}
