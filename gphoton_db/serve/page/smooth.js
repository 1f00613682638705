// Values smoothed by a Gaussian in pixels of the screen; what was not seen stays so.

/** Return values smoothed by sigma pixels: the same array where sigma is 0. */
export function smoothed(values, width, height, sigma) {
  if (!(sigma > 0)) return values;
  const half = halfKernel(sigma);
  const sums = new Float32Array(values.length);
  const seen = new Float32Array(values.length);
  let unseen = 0;
  for (let i = 0; i < values.length; i += 1) {
    const v = values[i];
    if (v === v) {
      sums[i] = v;
      seen[i] = 1;
    } else {
      unseen += 1;
    }
  }
  if (unseen === values.length) return values;
  const smooth = down(along(sums, width, height, half), width, height, half);
  if (!unseen) return smooth;
  const weight = down(along(seen, width, height, half), width, height, half);
  for (let i = 0; i < values.length; i += 1) smooth[i] = values[i] === values[i] ? smooth[i] / weight[i] : NaN;
  return smooth;
}

// The weights of a Gaussian from its middle on, of the sum 1 with those on the other side.
function halfKernel(sigma) {
  const reach = Math.ceil(2.5 * sigma);
  const weights = Array.from({ length: reach + 1 }, (_, k) => Math.exp(-0.5 * (k / sigma) ** 2));
  const total = weights.reduce((sum, each) => sum + 2 * each, -weights[0]);
  return Float64Array.from(weights, (each) => each / total);
}

// Along rows, in place; at a border the outermost value goes on.
function along(values, width, height, half) {
  const reach = half.length - 1;
  const line = new Float64Array(width + 2 * reach);
  for (let y = 0; y < height; y += 1) {
    const row = y * width;
    line.fill(values[row], 0, reach);
    for (let x = 0; x < width; x += 1) line[x + reach] = values[row + x];
    line.fill(values[row + width - 1], width + reach);
    for (let x = 0, i = reach; x < width; x += 1, i += 1) {
      let sum = half[0] * line[i];
      for (let k = 1; k <= reach; k += 1) sum += half[k] * (line[i - k] + line[i + k]);
      values[row + x] = sum;
    }
  }
  return values;
}

// Down columns, whole rows at a time: neighbours in memory are neighbours in the loop.
function down(values, width, height, half) {
  const result = new Float32Array(values.length);
  const sums = new Float64Array(width);
  const rowAt = (y) => width * Math.max(0, Math.min(height - 1, y));
  for (let y = 0; y < height; y += 1) {
    const middle = rowAt(y);
    for (let x = 0; x < width; x += 1) sums[x] = half[0] * values[middle + x];
    for (let k = 1; k < half.length; k += 1) {
      const above = rowAt(y - k);
      const below = rowAt(y + k);
      const weight = half[k];
      for (let x = 0; x < width; x += 1) sums[x] += weight * (values[above + x] + values[below + x]);
    }
    result.set(sums, middle);
  }
  return result;
}
