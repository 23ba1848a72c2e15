export { isRetryable, MiniProgramErrors } from "./errors.js";
export type {
  Callback,
  ClientParameters,
  PayNotification,
  PayOrder,
  PayProvider,
  PayState,
  PayTransaction,
  Refund,
  RefundOrder,
  RefundState,
} from "./pay.js";
export type { Capabilities, Login, MessageProvider, MiniProgramProvider, SubscribeMessage } from "./provider.js";
export type { WeChatConfiguration, WeChatPayConfiguration } from "./wechat/configuration.js";
export { type WeChatDependencies, wechatProvider } from "./wechat/provider.js";
