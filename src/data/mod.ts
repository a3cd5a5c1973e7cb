// Images with labels, from arrays, files or a seed: the public part of this folder.

export {
  type ArrayDataset,
  type ArraySplit,
  datasetFromArrays,
} from "./arrays.ts";
export { loadCifar10, loadCifar100 } from "./cifar.ts";
export {
  type Dataset,
  holdOut,
  type ImageShape,
  type Labels,
  type Split,
  take,
} from "./dataset.ts";
export { floatImages, type LabeledImages } from "./float_images.ts";
export { loadImageFolder } from "./image_folder.ts";
export type { DecodingProgress } from "./decode_listing.ts";
export type { Strictness } from "./image_listing.ts";
export type { ImageLoading, ImageProgress } from "./load_images.ts";
export { shapes, type ShapesOptions } from "./shapes.ts";
export { loadTinyImageNet } from "./tiny_imagenet.ts";
