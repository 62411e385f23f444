/** The keys that exist, by area: a key that is not in the Korean file does not compile. A new area adds its line here. */
import "i18next";
import type booking from "./ko/booking.json";
import type common from "./ko/common.json";
import type desk from "./ko/desk.json";
import type hiring from "./ko/hiring.json";
import type join from "./ko/join.json";
import type records from "./ko/records.json";
import type room from "./ko/room.json";
import type shared from "./ko/shared.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    returnNull: false;
    resources: {
      booking: typeof booking;
      common: typeof common;
      desk: typeof desk;
      hiring: typeof hiring;
      join: typeof join;
      records: typeof records;
      room: typeof room;
      shared: typeof shared;
    };
  }
}
