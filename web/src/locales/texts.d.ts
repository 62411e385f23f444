/** The keys that exist, by area: a key that is not in the Korean file does not compile. A new area adds its line here. */
import "i18next";
import type common from "./ko/common.json";
import type join from "./ko/join.json";
import type room from "./ko/room.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    returnNull: false;
    resources: {
      common: typeof common;
      join: typeof join;
      room: typeof room;
    };
  }
}
