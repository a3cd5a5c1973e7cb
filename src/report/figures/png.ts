// Conversion from SVG to PNG, by resvg compiled to WebAssembly. It does not use the
// system's fonts, so that equal charts give equal pictures on every machine.

import { createRequire } from "node:module";
import { initWasm, Resvg } from "npm:@resvg/resvg-wasm@2.6.2";
import "npm:dejavu-fonts-ttf@2.37.3/package.json" with { type: "json" };

const require = createRequire(import.meta.url);

/** Loaded once, when the first picture is drawn. */
let font: Promise<Uint8Array> | undefined;

/** A picture of the SVG, enlarged so many times. */
export async function svgToPng(
  svg: string,
  { scale = 2 }: { readonly scale?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  font ??= load();
  const resvg = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      fontBuffers: [await font],
      defaultFontFamily: "DejaVu Sans",
      loadSystemFonts: false,
    },
  });
  try {
    return new Uint8Array(resvg.render().asPng());
  } finally {
    resvg.free();
  }
}

async function load(): Promise<Uint8Array> {
  await initWasm(
    await Deno.readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")),
  );
  return await Deno.readFile(
    require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
  );
}
