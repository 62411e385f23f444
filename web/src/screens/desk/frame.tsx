/** What stands around every desk page: where one can go, and who one is. */
import type { ReactNode } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, LogOut, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import { Header } from "react-aria-components/Header";
import { Menu, MenuItem, MenuSection, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { Link, useLocation } from "wouter";
import { Page } from "../../elements/page";
import { answer, api } from "../../net/http";
import { operates, watchesRooms } from "./may";
import { sessionQuery, useMe } from "./session";
import css from "./frame.module.css";

interface Place {
  href: string;
  text: string;
}

export function DeskFrame({ children }: { children: ReactNode }) {
  return (
    <Page width="desk" navigation={<Places />} account={<Account />}>
      {children}
    </Page>
  );
}

function Places() {
  const { t } = useTranslation("desk");
  const me = useMe();
  const [location] = useLocation();
  const board: Place = { href: "/desk/board", text: t("places.board") };
  const places: Place[] = operates(me)
    ? [board]
    : [
        { href: "/desk", text: t("places.today") },
        { href: "/desk/appointments", text: t("places.appointments") },
        me.tenant.kind === "employer"
          ? { href: "/desk/postings", text: t("places.postings") }
          : { href: "/desk/seekers", text: t("places.seekers") },
        ...(watchesRooms(me) ? [board] : []),
      ];
  return (
    <nav className={css.places} aria-label={t("places.label")}>
      {places.map(({ href, text }) => (
        <Link key={href} href={href} className={css.place} aria-current={isHere(location, href) ? "page" : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}

const isHere = (location: string, href: string) => location === href || (href !== "/desk" && location.startsWith(`${href}/`));

function Account() {
  const { t } = useTranslation("desk");
  const me = useMe();
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => answer(api.DELETE("/api/session")),
    // A full load leaves nothing of the last person in memory.
    onSuccess: () => location.assign("/desk"),
    onError: () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
  return (
    <MenuTrigger>
      <Button className={css.account ?? ""} aria-label={t("account.label", { name: me.name })}>
        <UserRound size={18} aria-hidden="true" />
        <span className={css.name}>{me.name}</span>
        <ChevronDown size={16} aria-hidden="true" />
      </Button>
      <Popover className={css.popover ?? ""} placement="bottom end">
        <Menu className={css.menu ?? ""} onAction={() => signOut.mutate()}>
          <MenuSection>
            <Header className={css.who ?? ""}>
              <strong>{me.name}</strong>
              <span>{t(`role.${me.role}`)}</span>
              <span>{me.tenant.name}</span>
            </Header>
            <MenuItem id="sign-out" className={css.item ?? ""} textValue={t("account.sign_out")}>
              <LogOut size={18} aria-hidden="true" />
              {t("account.sign_out")}
            </MenuItem>
          </MenuSection>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
