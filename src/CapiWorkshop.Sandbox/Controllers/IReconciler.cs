namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Brings the world around one object closer to what the object asks for.</summary>
internal interface IReconciler
{
    void Reconcile(ObjectKey key);
}
