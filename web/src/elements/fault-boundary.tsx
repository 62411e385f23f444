/** A view that breaks takes nothing else with it: words in its place, one way on. */
import { Component, type ReactNode } from "react";

interface FaultBoundaryProps {
  /** What stands in the broken view's place; `again` draws the view anew. */
  fallback: (again: () => void) => ReactNode;
  children: ReactNode;
}

export class FaultBoundary extends Component<FaultBoundaryProps, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? this.props.fallback(() => this.setState({ broken: false })) : this.props.children;
  }
}
