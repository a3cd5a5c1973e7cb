// The class that most of a query's k nearest neighbors have. Where two classes have as
// many neighbors, the larger sum of similarities decides, and then the nearest neighbor.

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
