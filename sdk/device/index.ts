/** `pith/device`: boards, links, images, keys. */
export type { Board, BoardFlash, RunningBoard, StartOptions } from "./board.ts";
export {
  connectDevice,
  Device,
  type DeviceOptions,
  type InstallResult,
  openDevice,
} from "./device.ts";
export type { DeviceInfo, ImageState } from "./device-info.ts";
export { buildImage, type Image, type ImageOptions, parseImage, verifyImage } from "./image.ts";
export {
  developmentKey,
  developmentKeyPath,
  generateKeyFile,
  keyHash,
  loadKeyFile,
  publicKeyBytes,
  publicKeyFromBytes,
} from "./keys.ts";
export { SmpClient } from "./link.ts";
export { DEFAULT_BAUD, listPorts, openSerial, type PortInfo } from "./serial.ts";
export type { Frame } from "./telemetry-link.ts";
export type { Transport } from "./transport.ts";
export type { UploadOptions, UploadProgress } from "./upload.ts";
