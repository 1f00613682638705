// Values smoothed by a Gaussian in pixels of the screen; what was not seen stays so.

/** Return values smoothed by sigma pixels: the same array where sigma is 0. */
export function smoothed(values, width, height, sigma) {
  if (!(sigma > 0)) return values;
  const kernel = kernelOf(sigma);
  const sums = new Float32Array(values.length);
  const seen = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const v = values[i];
    if (v === v) {
      sums[i] = v;
      seen[i] = 1;
    }
  }
  const complete = seen.every((each) => each === 1);
  pass(sums, width, height, kernel);
  if (complete) return sums;
  pass(seen, width, height, kernel);
  for (let i = 0; i < values.length; i += 1) sums[i] = values[i] === values[i] ? sums[i] / seen[i] : NaN;
  return sums;
}

function kernelOf(sigma) {
  const reach = Math.ceil(2.5 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2));
  const total = weights.reduce((sum, each) => sum + each, 0);
  return Float32Array.from(weights, (each) => each / total);
}

// Along rows, then along columns; at a border the outermost value goes on.
function pass(values, width, height, kernel) {
  const reach = kernel.length >> 1;
  const line = new Float32Array(Math.max(width, height) + 2 * reach);
  const along = (start, stride, length) => {
    for (let i = 0; i < length; i += 1) line[i + reach] = values[start + i * stride];
    line.fill(line[reach], 0, reach);
    line.fill(line[reach + length - 1], reach + length, length + 2 * reach);
    for (let i = 0; i < length; i += 1) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k += 1) sum += kernel[k] * line[i + k];
      values[start + i * stride] = sum;
    }
  };
  for (let y = 0; y < height; y += 1) along(y * width, 1, width);
  for (let x = 0; x < width; x += 1) along(x, width, height);
}
